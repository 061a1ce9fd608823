import gzip
import shutil

import geopandas as gpd
import numpy as np
import pytest
import shapely
from small_folder import change, write_small

import geo_devolve as gd
from geo_devolve.geography.reading.load import examine


@pytest.fixture
def folder(tmp_path):
    return write_small(tmp_path / "small")


def test_the_whole_folder_loads(folder):
    small = gd.load_geography(folder)
    assert small.name == "small"
    assert small.councils["population"].tolist() == [300, 700, 1100, 1500]
    assert small.councils["x"].tolist()[0] == pytest.approx((500 * 100 + 1500 * 200) / 300)
    assert small.councils["type"].tolist() == ["district", "district", "unitary", "unitary"]
    assert list(small.councils.columns[:4]) == ["name", "population", "x", "y"]
    assert small.councils.columns[-1] == "geometry"
    assert small.layers["health"].bodies["population"].tolist() == [600, 900, 2100]
    assert small.layers["health"].bodies["name"].tolist() == ["Health One", "Health Two", "Health Three"]
    assert small.layers["group"].bodies["population"].tolist() == [1500, 2100]
    assert small.layers["police"].bodies["name"].tolist() == ["North, and West", "South"]
    assert small.layers["club"].bodies["population"].to_dict() == {"K1": 1000, "K2": 700, "K3": 1500}
    assert small.layers["club"].bodies.loc["K3", "name"] == "Third Club"
    assert small.needs.filled["council"].tolist() == ["E00000002"]
    # one neighbour by land with 300 people and 500, one by bridge with 1100 people and 450
    assert small.needs.filled["value"].item() == pytest.approx((300 * 500 + 1100 * 450) / 1400)
    assert small.graph().number_of_edges() == 3


def test_shapes_are_whole_pieces_of_the_grid(folder):
    small = gd.load_geography(folder)
    assert shapely.coverage_is_valid(small.pieces.geometry.to_numpy())
    assert len(small.pieces) == 6
    assert list(small.pieces.columns) == ["council", "health", "group", "police", "club", "geometry"]
    halves = small.pieces[small.pieces["council"] == "E00000002"]
    assert sorted(halves["health"]) == [("H1",), ("H2",)]
    assert halves["club"].tolist() == [("K1", "K2"), ("K1", "K2")]
    assert list(small.layer_shapes("club").index) == ["K1", "K2", "K3"]


def test_a_manifest_may_be_named_itself(folder):
    assert gd.load_geography(folder / "geography.toml").name == "small"


def test_loading_works_from_any_working_directory(folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert gd.load_geography("small").inputs == gd.load_geography(folder).inputs


def test_a_name_that_is_no_geography_is_refused_with_the_nearest():
    with pytest.raises(gd.DataError, match="did you mean 'england-2017'"):
        gd.load_geography("england-2071")


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(gd.DataError, match=r"no geography\.toml"):
        gd.load_geography(tmp_path)


FAULTS = [
    # file, old, new, what the message must say
    (
        "councils.csv",
        "E00000002,Bham",
        "E00000001,Bham",
        "councils.csv: duplicate codes of councils: E00000001",
    ),
    ("councils.csv", "E00000001,Aford", ",Aford", "rows without a code of councils"),
    ("councils.csv", "E00000004,Dworth", "E00000009,Dworth", "did you mean"),
    ("points.csv.gz", "700,E00000004", "-700,E00000004", "negative population: p7"),
    ("points.csv.gz", "700,E00000004", ",E00000004", "without a population: p7"),
    ("points.csv.gz", "700,E00000004", "many,E00000004", "populations that are no number: many"),
    ("points.csv.gz", "p8,9500", "p7,9500", "duplicate codes of points: p7"),
    ("points.csv.gz", "9500,1500", "9500,", "points without a northing: p8"),
    ("points.csv.gz", "H3", "H9", "lacks bodies of layer 'health' that people live in: H9"),
    ("points.csv.gz", "800,E00000004", "801,E00000004", "3,601 people where 3,600 are expected"),
    ("needs.csv", "E00000004,40,400\n", "", "needs.csv: councils without a row: E00000004"),
    ("needs.csv", "E00000004,40", "E00000005,40", "councils that are not in the councils' table: E00000005"),
    ("needs.csv", "E00000004,40", "E00000003,40", "duplicate codes of councils: E00000003"),
    ("needs.csv", "30,450", "thirty,450", "holds what is no number: thirty"),
    ("needs.csv", "illness", "ailment", "indicators without a column: illness"),
    ("indicators.csv", "less need", "worse", "indicators without a direction: wage"),
    ("indicators.csv", "pounds a week", "", "indicators without a unit: wage"),
    ("borders.csv", "E00000002", "E00000007", "pairs with councils that are not listed: E00000007"),
    ("borders.csv", "2000", "0", "borders without a length above 0: E00000001-E00000002"),
    ("borders.csv", "E00000001,E00000002", "E00000001,E00000001", "their own neighbour: E00000001"),
    ("crossings.csv", "bridge", "brige", "crossings of an unknown kind: E00000002-E00000003 (brige)"),
    ("grid.csv", "E00000004", "E00000003", "councils without a square: E00000004"),
    ("grid.csv", "0,8000,10000", "0,8000,8000", "runs whose east edge is not east"),
    ("grid.csv", "0,8000,10000", "0,5000,10000", "squares in two runs"),
    ("health.csv", "H2,Health Two", "H1,Health Two", "duplicate codes of bodies of layer 'health': H1"),
    ("clubs.csv", "E0000000", "W0000000", "none of its codes is one of the councils"),
    ("geography.toml", "[grid]", "[grids]", "did you mean 'grid'?"),
    ("geography.toml", 'from = "councils"', 'from = "concils"', "did you mean 'councils'?"),
    ("geography.toml", 'columns = ["police"]', 'columns = ["policy"]', "did you mean 'police'?"),
    ("geography.toml", 'of = "health"', 'of = "group"', "is looked up from itself"),
    ("geography.toml", 'name = "small"', "name = 5", "is not a text: 5"),
    ("geography.toml", 'name = "small"', "name = ", "is not TOML"),
    ("geography.toml", 'table = "councils.csv"', 'table = "../councils.csv"', "missing"),
    (
        "geography.toml",
        'table = "councils.csv"',
        'table = "/etc/hostname"',
        "not the name of a file in the folder",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), FAULTS, ids=[each[3][:40] for each in FAULTS])
def test_a_fault_is_refused_and_named(folder, name, old, new, message):
    change(folder, name, old, new)
    with pytest.raises(gd.DataError) as caught:
        gd.load_geography(folder)
    assert message in str(caught.value)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    "name",
    ["councils.csv", "points.csv.gz", "needs.csv", "indicators.csv", "borders.csv", "grid.csv", "clubs.csv"],
)
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(gd.DataError, match=rf"{name}: is missing"):
        gd.load_geography(folder)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_truncated_packed_file_is_refused(folder, keep):
    data = (folder / "points.csv.gz").read_bytes()
    (folder / "points.csv.gz").write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(gd.DataError, match=r"points\.csv\.gz: is truncated"):
        gd.load_geography(folder)


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_truncated_table_never_loads_in_silence(folder, cut):
    file = folder / "councils.csv"
    file.write_bytes(file.read_bytes()[:-cut])
    geography, findings = examine(folder)
    if geography is None:
        assert findings.faults
    else:  # what is lost stands in no column that anything rests on
        assert list(geography.councils.index) == [f"E0000000{i}" for i in (1, 2, 3, 4)]
        assert geography.layers["police"].bodies["population"].tolist() == [1000, 1100]


def test_all_faults_come_in_one_raise(folder):
    change(folder, "needs.csv", "E00000004,40", "E00000005,40")
    change(folder, "points.csv.gz", "700,E00000004", "-700,E00000004")
    change(folder, "borders.csv", "2000", "far")
    (folder / "clubs.csv").unlink()
    with pytest.raises(gd.DataError) as caught:
        gd.load_geography(folder)
    message = str(caught.value)
    for part in ("E00000005", "negative population: p7", "far", "clubs.csv: is missing"):
        assert part in message
    assert message.startswith("small: ")


def test_all_faults_of_a_manifest_come_in_one_raise(folder):
    """Each of them stands in another section, of another kind; none hides another."""
    for old, new in (
        ('name = "small"', "name = 5"),
        ("[grid]", "[grids]"),
        ('table = "councils.csv"', 'tabel = "councils.csv"'),
        ('id = "id"', 'id = "id"\nareal = true\njoins = [5]'),
        ('columns = ["police"]', 'columns = [3]\nnames = ["a", "b"]\ncolour = "red"'),
        ('of = "health"', 'of = "helth"'),
        ("councils = 4", 'councils = "four"'),
    ):
        change(folder, "geography.toml", old, new)
    with pytest.raises(gd.DataError) as caught:
        gd.load_geography(folder)
    for part in (
        "geography.toml, name: is not a text: 5",
        "unknown key 'grids'; did you mean 'grid'?",
        "geography.toml, councils: unknown key 'tabel'; did you mean 'table'?",
        "geography.toml, councils: names neither a table nor polygons",
        "names a file and asks for areal weighting",
        "geography.toml, points, joins: is no table of keys",
        "unknown key 'colour'",
        "is neither a text nor a list of texts",
        "has 2 names for 1 columns",
        "did you mean 'health'?",
        "is not a number of at least 0: 'four'",
    ):
        assert sum(part in fault for fault in caught.value.faults) == 1, part


@pytest.mark.parametrize("section", ["councils", "points", "layers", "needs", "grid", "expect", "repair"])
@pytest.mark.parametrize("value", ["5", '"x"', "[]", "{}", "{ x = 1 }"])
def test_a_section_of_any_kind_is_a_fault_or_read(folder, section, value):
    text = (folder / "geography.toml").read_text()
    head = text.split("\n[", 1)[0]
    kept = "\n".join(f"[{part}" for part in text.split("\n[")[1:] if not part.startswith(section))
    (folder / "geography.toml").write_text(f"{head}\n{section} = {value}\nzzz = 1\n{kept}")
    with pytest.raises(gd.DataError) as caught:
        gd.load_geography(folder)
    assert any("'zzz'" in fault for fault in caught.value.faults)


def test_no_file_outside_the_folder_is_read(folder, tmp_path):
    shutil.move(folder / "clubs.csv", tmp_path / "clubs.csv")
    (folder / "clubs.csv").symlink_to(tmp_path / "clubs.csv")
    with pytest.raises(gd.DataError, match="lies outside the folder"):
        gd.load_geography(folder)
    change(folder, "geography.toml", "clubs.csv", "../clubs.csv")
    with pytest.raises(gd.DataError, match="lies outside the folder"):
        gd.load_geography(folder)


def test_what_spreadsheets_do_to_tables_is_undone(folder):
    text = (folder / "councils.csv").read_text()
    text = text.replace("E00000001", " e00000001 ").replace("Aford", "  Aford ")
    (folder / "councils.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    change(folder, "points.csv.gz", "800,E00000004", '" 800 ",E00000004')
    change(folder, "needs.csv", "E00000003,30,450", 'E00000003,30,"1,450"')
    change(folder, "needs.csv", "E00000002,20,", "E00000002,20,!")
    small = gd.load_geography(folder)
    assert small.councils.index[0] == "E00000001"
    assert small.councils["name"].iloc[0] == "Aford"
    assert small.needs.values.loc["E00000003", "wage"] == 1450
    assert small.needs.filled["council"].tolist() == ["E00000002"]


def test_a_lookup_in_long_form_has_shares(folder):
    (folder / "clubs.csv").write_text(
        ""
        ""
        "code,club,club_name,share\nE00000001,K1,One,0.25\nE00000001,K2,Two,75\nE00000002,K2,Two,1\nW01,K9,Far,1\n"
    )
    change(folder, "geography.toml", 'columns = ["club_1", "club_2"]', 'columns = ["club"]\nshare = "share"')
    with pytest.raises(gd.DataError, match="shares in 'share' that are not between 0 and 1"):
        gd.load_geography(folder)
    change(folder, "clubs.csv", "Two,75", "Two,75%")
    small = gd.load_geography(folder)
    assert small.people("club").toarray()[0].tolist() == [75, 225]
    assert any(
        "about places that are not among the councils are left out: W01" in told for told in small.notices
    )


def test_codes_of_another_vintage_are_read_by_their_name_and_told(folder):
    change(folder, "points.csv.gz", "health\n", "health,health_name\n")
    change(folder, "points.csv.gz", "H3\n", "H8,Health Three\n")
    change(folder, "points.csv.gz", "H1\n", "H1,Health One\n")
    change(folder, "points.csv.gz", "H2\n", "H2,Health Two\n")
    small = gd.load_geography(folder)
    assert small.layers["health"].bodies.index.tolist() == ["H1", "H2", "H3"]
    assert any("H8 → H3" in told for told in small.notices)


def test_points_may_take_columns_from_another_table(folder):
    change(folder, "points.csv.gz", ",health", ",old")
    rows = [f"p{i},H{1 + (i > 3) + (i > 5)}" for i in range(1, 9)]
    (folder / "more.csv").write_text("point,health\n" + "\n".join(rows) + "\n")
    change(
        folder, "geography.toml", 'id = "id"', 'id = "id"\njoins = [{ table = "more.csv", key = "point" }]'
    )
    assert gd.load_geography(folder).layers["health"].bodies["population"].tolist() == [600, 900, 2100]
    change(folder, "more.csv", "p8", "p9")
    with pytest.raises(gd.DataError, match=r"more\.csv: 1 points have no row: p8"):
        gd.load_geography(folder)


def test_needs_may_be_summed_up_from_the_points(folder):
    text = "\n".join(
        f"p{i},{i}00,500,{i}00,E0000000{(i + 1) // 2},H{1 + (i > 3) + (i > 5)},{10 * i},{i}"
        for i in range(1, 9)
    )
    head = "id,easting,northing,population,council,health,ill,score\n"
    (folder / "points.csv.gz").write_bytes(gzip.compress((head + text + "\n").encode()))
    change(folder, "geography.toml", 'table = "needs.csv"', "")
    change(
        folder,
        "geography.toml",
        'indicators = "indicators.csv"',
        'indicators = "indicators.csv"\n'
        'points = { illness = { count = "ill", of = "population" }, wage = { rate = "score" } }',
    )
    small = gd.load_geography(folder)
    assert small.needs.values["illness"].tolist() == pytest.approx([0.1] * 4)
    assert small.needs.values["wage"].tolist() == pytest.approx(
        [(a * a + b * b) / (a + b) for a, b in ((1, 2), (3, 4), (5, 6), (7, 8))]
    )
    assert not np.any(small.needs.scores["health"])
    assert any("do not differ" in told for told in small.notices)


def test_codes_of_another_vintage_are_named_with_the_likely_successor(folder):
    change(folder, "needs.csv", "council,illness,wage", "council,name,illness,wage")
    for code, name in (("1", "Aford"), ("2", "Bham"), ("3", "Cton"), ("4", "Dworth")):
        change(folder, "needs.csv", f"E0000000{code},", f"E0000000{code},{name},")
    change(folder, "needs.csv", "E00000003", "E00000093")
    with pytest.raises(gd.DataError, match=r"by their names they are likely E00000093 → E00000003 \(Cton\)"):
        gd.load_geography(folder)


def test_a_table_of_successors_is_applied_and_told(folder):
    change(folder, "needs.csv", "E00000003", "E00000093")
    (folder / "changes.csv").write_text(
        "was,is\nE00000093,E00000003\nE00000080,E00000001\nE00000080,E00000002\n"
    )
    with (folder / "geography.toml").open("a") as manifest:
        manifest.write('\n[successors]\ntable = "changes.csv"\nold = "was"\nnew = "is"\n')
    small, findings = examine(folder)
    assert small.needs.values.loc["E00000003", "illness"] == 30
    assert "E00000093 → E00000003 (Cton)" in {text for finding in findings.found for text in finding.culprits}
    change(folder, "needs.csv", "E00000093", "E00000080")  # split: no one successor
    with pytest.raises(gd.DataError, match="councils that are not in the councils' table: E00000080"):
        gd.load_geography(folder)


def test_points_in_degrees(folder):
    text = gzip.decompress((folder / "points.csv.gz").read_bytes()).decode().splitlines()
    frame = gpd.GeoDataFrame(
        [row.split(",") for row in text[1:]],
        columns=text[0].split(","),
        geometry=gpd.points_from_xy(
            [int(row.split(",")[1]) for row in text[1:]], [500] * 8, crs="EPSG:27700"
        ),
    ).to_crs("EPSG:4326")
    frame = frame.assign(longitude=frame.geometry.x, latitude=frame.geometry.y).drop(
        columns=["easting", "northing", "geometry"]
    )
    (folder / "points.csv.gz").write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
    change(
        folder, "geography.toml", 'id = "id"', 'id = "id"\nx = "longitude"\ny = "latitude"\ncrs = "EPSG:4326"'
    )
    small = gd.load_geography(folder)
    # in the Atlantic, off the end of the grid, the way there and the way back are up to 75 m apart
    x = [500, 1500, 2500, 3500, 5500, 6500, 8500, 9500]
    assert small.points["x"].tolist() == pytest.approx(x, abs=100)
    assert small.points["y"].tolist() == pytest.approx([500] * 8, abs=100)


def test_a_layer_may_come_from_the_grid(folder):
    change(folder, "geography.toml", 'from = "points"\ncolumns = ["health"]', 'from = "grid"')
    small = gd.load_geography(folder)
    assert small.layers["health"].bodies["population"].tolist() == [600, 900, 2100]
    change(folder, "geography.toml", 'layers = { health = "health" }', "")
    with pytest.raises(gd.DataError, match=r"layers in \[grid\] does not name its column"):
        gd.load_geography(folder)


def test_populations_that_disagree_are_told(folder):
    change(folder, "councils.csv", "code,name,type", "code,name,people,type")
    for code, people in (("1", "300"), ("2", "700"), ("3", '"1,150"'), ("4", "1501")):
        name = {"1": "Aford", "2": "Bham", "3": "Cton", "4": "Dworth"}[code]
        change(folder, "councils.csv", f"{name},", f"{name},{people},")
    change(
        folder, "geography.toml", 'table = "councils.csv"', 'table = "councils.csv"\npopulation = "people"'
    )
    small, findings = examine(folder)
    told = next(finding for finding in findings.found if "populations differ" in finding.what)
    assert told.culprits == ("E00000003",)
    assert small.councils["population"]["E00000003"] == 1100


def test_without_borders_or_polygons_there_is_no_graph(folder):
    change(folder, "geography.toml", '[borders]\ntable = "borders.csv"', "")
    with pytest.raises(gd.DataError, match="does not say which councils are neighbours"):
        gd.load_geography(folder)


def test_without_a_grid_or_polygons_there_are_no_shapes(folder):
    text = (folder / "geography.toml").read_text()
    (folder / "geography.toml").write_text(text[: text.index("[grid]")])
    small = gd.load_geography(folder)
    assert small.pieces is None
    assert small.councils.geometry.isna().all()
    with pytest.raises(gd.DataError, match="has no shapes to draw layer 'health' with"):
        small.layer_shapes("health")
    assert np.isnan(small.overlaps("health", "police")["area_km2"]).all()


def test_progress_is_told_step_by_step(folder):
    steps = []
    gd.load_geography(folder, progress=lambda stage, done, total=None: steps.append((stage, done, total)))
    assert steps[0] == ("loading", 0, 6)
    assert steps[-1] == ("loading", 6, 6)
    assert [step[1] for step in steps] == sorted(step[1] for step in steps)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'layers = { health = "health" }',
            "layers = { health = 5 }",
            "does not give each layer the name of a column",
        ),
        (
            'indicators = "indicators.csv"',
            'indicators = "indicators.csv"\npoints = { x = "y" }',
            "is no recipe",
        ),
        (
            'indicators = "indicators.csv"',
            'indicators = "indicators.csv"\npoints = { x = { mean = "y" } }',
            "has the keys",
        ),
        ('id = "id"', 'id = "id"\njoins = [5]', "is no table of keys"),
        ('id = "id"', 'id = "id"\njoins = { table = "clubs.csv" }', "the key 'key' is missing"),
        (
            'columns = ["police"]',
            'columns = ["police"]\nshare = "x"',
            "'share' means nothing with from = 'councils'",
        ),
        ('columns = ["police"]', 'columns = ["police"]\nnames = ["a", "b"]', "has 2 names for 1 columns"),
        ('columns = ["police"]', "columns = 5", "neither a text nor a list of texts"),
        ("[layers.police]", "[layers.need]", "a layer cannot have this name"),
        ("cell_m = 1000", "cell_m = 0", "cell_m is not above 0"),
        ("councils = 4", "councils = -4", "is not a number of at least 0"),
        ('table = "councils.csv"', "", "names neither a table nor polygons"),
        ('table = "points.csv.gz"', "areal = true", "areal weighting needs the population column"),
        ('table = "points.csv.gz"', 'areal = "yes"', "is not true or false"),
        ('title = "A small place"', 'crs = "metres"', "unknown system 'metres'"),
        ('of = "health"', 'of = "helth"', "did you mean 'health'?"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(folder, old, new, words):
    change(folder, "geography.toml", old, new)
    with pytest.raises(gd.DataError) as caught:
        gd.load_geography(folder)
    assert words in str(caught.value)
