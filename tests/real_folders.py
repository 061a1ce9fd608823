"""Folders of real files, put together in a temporary place from ../shared/data, each with a manifest."""

import shutil
from collections.abc import Iterable
from pathlib import Path

FACTS = Path(__file__).resolve().parents[1] / "boundaries" / "england-2017"


def _gather(data: Path, folder: Path, names: Iterable[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(data / name, folder / Path(name).name)


def england_2017(data: Path, folder: Path) -> Path:
    """The real polygons and lookups of 2017: LSOA polygons make the councils' shapes and borders."""
    _gather(
        data / "england-2017",
        folder,
        [
            "lookups/LSOA11_CCG17_STP17_LAD17_EN_LU.csv.gz",
            "lookups/LSOA11_LEP17_EN_LU.csv.gz",
            "lookups/CCG17_STP17_EN_LU.csv",
            "lookups/LAD17_RGN17_EN_LU.csv",
            "lookups/LAD17_FRA17_EW_LU.csv",
            "features/lsoa11_features.csv.gz",
            "boundaries/lsoa11_en_simplified.parquet",
            "boundaries/lad17_en_derived.gpkg",
            "boundaries/pfa17_en_derived.gpkg",
            "boundaries/ctyua17_en_derived.gpkg",
            "boundaries/cauth17_en_derived.gpkg",
        ],
    )
    for name in ("needs.csv", "indicators.csv", "crossings.csv"):  # of the project itself
        shutil.copy(FACTS / name, folder / name)
    (folder / "geography.toml").write_text(
        """
name = "england-2017-real"
title = "England 2017 from ONS files"
vintage = "2017-04"

[councils]
polygons = "lad17_en_derived.gpkg"

[points]
table = "lsoa11_features.csv.gz"
polygons = "lsoa11_en_simplified.parquet"
id = "LSOA11CD"
x = "pwc_bng_e"
y = "pwc_bng_n"
population = "pop2017_total"
council = "LAD17CD"
joins = [
  { table = "LSOA11_CCG17_STP17_LAD17_EN_LU.csv.gz", key = "LSOA11CD" },
  { table = "LSOA11_LEP17_EN_LU.csv.gz", key = "LSOA11CD" },
]

[layers.ccg]
from = "points"
columns = ["CCG17CD"]

[layers.stp]
from = "lookup"
of = "ccg"
table = "CCG17_STP17_EN_LU.csv"
key = "CCG17CD"
columns = ["STP17CD"]

[layers.lep]
from = "points"
columns = ["LEP17CD1", "LEP17CD2"]

[layers.police]
from = "polygons"
polygons = "pfa17_en_derived.gpkg"

[layers.upper_tier]
from = "polygons"
polygons = "ctyua17_en_derived.gpkg"

[layers.combined_authority]
from = "polygons"
polygons = "cauth17_en_derived.gpkg"

[layers.region]
from = "lookup"
table = "LAD17_RGN17_EN_LU.csv"
key = "LAD17CD"
columns = ["RGN17CD"]

[layers.fire]
from = "lookup"
table = "LAD17_FRA17_EW_LU.csv"
key = "LAD17CD"
columns = ["FRA17CD"]

[needs]
table = "needs.csv"
indicators = "indicators.csv"

[crossings]
table = "crossings.csv"
""",
        encoding="utf-8",
    )
    return folder


def topojson_2017(data: Path, folder: Path, gap_m: float = 100) -> Path:
    """The raw file of four countries, without a coordinate system, and the points of England."""
    _gather(
        data / "england-2017",
        folder,
        ["original/LAD_DEC_2017_UK_generalised.topojson", "features/lsoa11_features.csv.gz"],
    )
    shutil.copy(FACTS / "crossings.csv", folder)  # pairs that water parts, however near
    (folder / "geography.toml").write_text(
        f"""
name = "england-2017-topojson"

[councils]
polygons = "LAD_DEC_2017_UK_generalised.topojson"
only = "E"

[points]
table = "lsoa11_features.csv.gz"
id = "LSOA11CD"
x = "pwc_bng_e"
y = "pwc_bng_n"
population = "pop2017_total"

[crossings]
table = "crossings.csv"

[repair]
gap_m = {gap_m}
""",
        encoding="utf-8",
    )
    return folder


def england_2023(data: Path, folder: Path) -> Path:
    """Councils of May 2024 and the layers of 2021-2024, by a manifest only."""
    _gather(
        data / "england-2023",
        folder,
        [
            "boundaries/LAD_MAY_2024_EN_BSC.geojson",
            "boundaries/LEP_MAY_2021_EN_BUC.geojson",
            "boundaries/ICB_APR_2023_EN_BSC.geojson",
            "boundaries/CAUTH_DEC_2023_EN_BUC.geojson",
            "lookups/LSOA21_SICBL24_ICB24_LAD24_EN_LU.csv.gz",
            "lookups/LAD24_CSP24_PFA24_EW_LU.csv",
            "lookups/LAD23_RGN23_EN_LU.csv",
            "lookups/LTLA23_UTLA23_EW_LU.csv",
            "features/lsoa21_features.csv.gz",
        ],
    )
    (folder / "indicators.csv").write_text(
        "indicator,theme,unit,higher_means,period,source\n"
        "health,health,score,more need,about 2022,Indices of Deprivation 2025\n"
        "employment,employment,share of people,more need,about 2022,Indices of Deprivation 2025\n"
    )
    (folder / "geography.toml").write_text(
        """
name = "england-2023"
title = "England, councils of May 2024"
vintage = "2024-05"

[councils]
polygons = "LAD_MAY_2024_EN_BSC.geojson"

[points]
table = "lsoa21_features.csv.gz"
id = "LSOA21CD"
x = "pwc_bng_e"
y = "pwc_bng_n"
population = "pop2022_total"
council = "LAD24CD"
joins = [{ table = "LSOA21_SICBL24_ICB24_LAD24_EN_LU.csv.gz", key = "LSOA21CD" }]

[layers.sub_icb]
from = "points"
columns = ["SICBL24CD"]

[layers.icb]
from = "points"
columns = ["ICB24CD"]
bodies = "ICB_APR_2023_EN_BSC.geojson"

[layers.lep]
title = "Local Enterprise Partnerships, May 2021"
from = "polygons"
polygons = "LEP_MAY_2021_EN_BUC.geojson"
overlaps = true
whole_councils = true

[layers.combined_authority]
from = "polygons"
polygons = "CAUTH_DEC_2023_EN_BUC.geojson"
whole_councils = true

[layers.police]
from = "lookup"
table = "LAD24_CSP24_PFA24_EW_LU.csv"
key = "LAD24CD"
columns = ["PFA24CD"]
only = "E"

[layers.region]
from = "lookup"
table = "LAD23_RGN23_EN_LU.csv"
key = "LAD23CD"
columns = ["RGN23CD"]

[layers.upper_tier]
from = "lookup"
table = "LTLA23_UTLA23_EW_LU.csv"
key = "LAD23CD"
columns = ["UTLA23CD"]

[needs]
indicators = "indicators.csv"
points.health = { rate = "iod2025_health_score" }
points.employment = { rate = "iod2025_employment_score" }
""",
        encoding="utf-8",
    )
    return folder


def england_2022_on_2024(data: Path, folder: Path) -> Path:
    """Points and lookups of 2022 (309 councils, other health codes) on the councils of 2024."""
    _gather(
        data,
        folder,
        [
            "england-2023/boundaries/LAD_MAY_2024_EN_BSC.geojson",
            "england-2023/boundaries/ICB_APR_2023_EN_BSC.geojson",
            "england-2023/boundaries/SICBL_APR_2023_EN_BSC.geojson",
            "england-2023/lookups/LSOA11_SICBL22_ICB22_LAD22_EN_LU.csv.gz",
            "england-2017/features/lsoa11_features.csv.gz",
            "england-2017/lookups/LAD16_to_LAD24_EN_crosswalk.csv",
        ],
    )
    (folder / "geography.toml").write_text(
        """
name = "england-2022-on-2024"

[councils]
polygons = "LAD_MAY_2024_EN_BSC.geojson"

[points]
table = "lsoa11_features.csv.gz"
id = "LSOA11CD"
x = "pwc_bng_e"
y = "pwc_bng_n"
population = "pop2017_total"
council = "LAD22CD"
joins = [{ table = "LSOA11_SICBL22_ICB22_LAD22_EN_LU.csv.gz", key = "LSOA11CD" }]

[layers.icb]
from = "points"
columns = ["ICB22CD"]
bodies = "ICB_APR_2023_EN_BSC.geojson"

[layers.sub_icb]
from = "points"
columns = ["SICBL22CD"]
bodies = "SICBL_APR_2023_EN_BSC.geojson"

[successors]
table = "LAD16_to_LAD24_EN_crosswalk.csv"
old = "LAD22CD"
new = "LAD24CD"
""",
        encoding="utf-8",
    )
    return folder
