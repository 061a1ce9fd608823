"""``geo-devolve verify`` and ``propose --from`` on a small country's folder: what they say, how they end."""

import json
from pathlib import Path

import pytest
from certified import forged, read, rewritten
from small_country import write_country

import geo_devolve as gd
from geo_devolve import cli


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_country(tmp_path_factory.mktemp("country") / "small")


@pytest.fixture(scope="module")
def out(country: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plan") / "out"
    assert cli.run(["propose", str(country), "-s", str(country / "scenario.toml"), "-o", str(out), "-q"]) == 0
    return out


def ask(country: Path, out: Path, *more: str) -> list[str]:
    return ["verify", str(out), "-g", str(country), *more]


def test_it_says_verified_and_ends_with_0(
    country: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(ask(country, out)) == 0
    said = capsys.readouterr().out
    assert said.startswith("Verified: the plan obeys every rule and costs ")
    assert "No plan in scope costs less than " in said
    assert cli.run(ask(country, out / "plan.json", "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verified"] is True
    assert told["verdict"] == "verified"
    assert told["figures"] == "the geography's files"
    assert told["gap"] <= 1e-9


def test_without_the_geographys_files_it_is_not_verified(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["verify", str(out)]) == 6
    assert "--geography" in capsys.readouterr().out


def test_too_little_time_is_7_with_an_estimate(
    country: Path, out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo_devolve.verifying.proof.EVERY", 1)
    assert cli.run(ask(country, out, "--json", "--time-limit", "0")) == 7
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "too large to check here"
    assert told["estimate"] > 0
    assert told["verified"] is False


def test_figures_that_the_files_do_not_hold_are_found(country: Path, out: Path) -> None:
    plan, proof = read(out)
    assert rewritten(out.parent / "again", plan, proof, geography=country).verified
    for at, council in enumerate(proof["problem"]["councils"]):
        for key, value in (("people", "123457"), ("name", "Elsewhere"), ("x", "1.0")):
            changed = json.loads(json.dumps(proof))
            changed["problem"]["councils"][at] = council | {key: value}
            assert not rewritten(out.parent / "other", plan, changed, geography=country).verified, (at, key)
    for name in proof["problem"]["layers"]:
        changed = json.loads(json.dumps(proof))
        council, body, people = changed["problem"]["layers"][name]["people"][0]
        changed["problem"]["layers"][name]["people"][0] = [council, body, str(int(people) + 1)]
        assert not rewritten(out.parent / "other", plan, changed, geography=country).verified, name


def test_a_file_of_the_geography_that_was_changed_is_found(country: Path, out: Path, tmp_path: Path) -> None:
    for name in json.loads((out / "plan.json").read_text("utf-8"))["provenance"]["inputs"]:
        copy = tmp_path / name.replace("/", "-")
        copy.mkdir()
        for file in country.iterdir():
            if file.is_file():
                (copy / file.name).write_bytes(file.read_bytes())
        (copy / name).write_bytes((copy / name).read_bytes() + b"\n")
        verdict = gd.verify(out, geography=copy)
        assert not verdict.verified
        assert name in verdict.reasons[0]


def test_one_input_left_out_is_not_overlooked(country: Path, out: Path) -> None:
    for name in read(out)[0]["provenance"]["inputs"]:
        plan, proof = read(out)
        del plan["provenance"]["inputs"][name], proof["geography"]["inputs"][name]
        verdict = rewritten(out.parent / "inputs", plan, proof, geography=country)
        assert not verdict.verified
        assert name in verdict.reasons[0]


def test_inputs_left_out_are_not_overlooked(country: Path, out: Path) -> None:
    def nothing(plan: dict[str, dict[str, object]], proof: dict[str, dict[str, object]]) -> None:
        plan["provenance"]["inputs"] = {}
        proof["geography"]["inputs"] = {}

    assert not forged(out, nothing, geography=country).verified


def test_a_plan_is_made_again_from_its_plan_json(
    country: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = ["propose", str(country), "--from", str(out), "-o", str(tmp_path / "again"), "-q"]
    assert cli.run(again) == 0
    assert "nothing differs" in capsys.readouterr().err
    one, two = (json.loads((each / "plan.json").read_text("utf-8")) for each in (out, tmp_path / "again"))
    del one["created"], two["created"]
    assert one == two
    one["provenance"]["software"]["numpy"] = "1.0"
    one["assignment"]["C00"] = "A99"
    one["created"] = {}
    (tmp_path / "plan.json").write_text(json.dumps(one), encoding="utf-8")
    assert cli.run([*again[:3], str(tmp_path / "plan.json"), *again[4:]]) == 0
    said = capsys.readouterr().err
    assert "numpy 1.0" in said
    assert "are in another area" in said
    assert cli.run([*again, "-s", "reform-2017"]) == 2


def test_what_is_impossible_is_proven_where_asked(
    country: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "none"
    asked = ["propose", str(country), "-s", str(country / "scenario.toml"), "-o", str(out), "-q", "-k", "11"]
    assert cli.run(asked) == 4
    assert not out.exists()
    assert cli.run([*asked, "--prove-impossible"]) == 4
    capsys.readouterr()
    assert cli.run(ask(country, out)) == 0
    assert capsys.readouterr().out.startswith("Verified: no plan obeys the scenario.")
    proof = json.loads((out / "certificate.json").read_text("utf-8"))
    proof["scenario"]["areas"] = 4
    proof["counts"][0]["areas"] = 4
    (out / "certificate.json").write_text(json.dumps(proof), encoding="utf-8")
    assert cli.run(ask(country, out)) == 6
