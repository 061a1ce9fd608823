"""A small geography's folder, whole and right, for tests to load and to damage."""

import gzip
from pathlib import Path

MANIFEST = """
name = "small"
title = "A small place"
vintage = "2020-01"
attribution = "nobody"

[expect]
councils = 4
points = 8
population = 3_600

[councils]
table = "councils.csv"

[points]
table = "points.csv.gz"
id = "id"
council = "council"

[layers.health]
title = "Health bodies"
from = "points"
columns = ["health"]
bodies = "health.csv"

[layers.group]
from = "lookup"
of = "health"
table = "health.csv"
key = "code"
columns = ["group"]

[layers.police]
from = "councils"
columns = ["police"]

[layers.club]
from = "lookup"
table = "clubs.csv"
columns = ["club_1", "club_2"]

[needs]
table = "needs.csv"
indicators = "indicators.csv"

[borders]
table = "borders.csv"

[crossings]
table = "crossings.csv"

[grid]
table = "grid.csv"
cell_m = 1000
layers = { health = "health" }
"""

# Four councils of two by two squares each, from west to east; C and D are islands.
FILES = {
    "councils.csv": """
code,name,type,police,police_name
E00000001,Aford,district,P1,"North, and West"
E00000002,Bham,district,P1,"North, and West"
E00000003,Cton,unitary,P2,South
E00000004,Dworth,unitary,,
""",
    "points.csv": """
id,easting,northing,population,council,health
p1,500,500,100,E00000001,H1
p2,1500,1500,200,E00000001,H1
p3,2500,500,300,E00000002,H1
p4,3500,1500,400,E00000002,H2
p5,5500,500,500,E00000003,H2
p6,6500,1500,600,E00000003,H3
p7,8500,500,700,E00000004,H3
p8,9500,1500,800,E00000004,H3
""",
    "health.csv": """
code,name,group
H1,Health One,G1
H2,Health Two,G1
H3,Health Three,G2
""",
    "clubs.csv": """
code,club_1,club_1_name,club_2
E00000001,K1,First Club,
E00000002,K1,First Club,K2
E00000003,,,
E00000004,K3,Third Club,
""",
    "needs.csv": """
council,illness,wage
E00000001,10,500
E00000002,20,
E00000003,30,450
E00000004,40,400
""",
    "indicators.csv": """
indicator,theme,unit,higher_means,period,source
illness,health,% of adults,more need,2019,survey
wage,work,pounds a week,less need,2019,survey
""",
    "borders.csv": """
council,neighbour,length_m
E00000001,E00000002,2000
""",
    "crossings.csv": """
council,neighbour,kind,gap_m
E00000003,E00000002,bridge,1000
E00000003,E00000004,ferry,1000
""",
    "grid.csv": """
northing,easting_from,easting_to,council,health
0,0,2000,E00000001,H1
1000,0,2000,E00000001,H1
0,2000,3000,E00000002,H1
0,3000,4000,E00000002,H2
1000,2000,3000,E00000002,H1
1000,3000,4000,E00000002,H2
0,5000,6000,E00000003,H2
0,6000,7000,E00000003,H3
1000,5000,6000,E00000003,H2
1000,6000,7000,E00000003,H3
0,8000,10000,E00000004,H3
1000,8000,10000,E00000004,H3
""",
}


def write_small(path: Path) -> Path:
    """Write the folder, the points packed."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "geography.toml").write_text(MANIFEST, encoding="utf-8")
    for name, text in FILES.items():
        data = text.lstrip().encode()
        if name == "points.csv":
            (path / "points.csv.gz").write_bytes(gzip.compress(data))
        else:
            (path / name).write_bytes(data)
    return path


def change(path: Path, name: str, old: str, new: str) -> None:
    """Replace a text in one of the folder's files; it must be there."""
    file = path / name
    packed = name.endswith(".gz")
    data = gzip.decompress(file.read_bytes()) if packed else file.read_bytes()
    text = data.decode()
    assert old in text, f"{old!r} is not in {name}"
    data = text.replace(old, new).encode()
    file.write_bytes(gzip.compress(data) if packed else data)
