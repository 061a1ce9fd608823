"""Check a finished download: every object once, with its code, its shape and its place on earth."""

from collections import Counter

from geo_devolve.errors import PortalError, first_few
from geo_devolve.geography.portal.catalogue import Service
from geo_devolve.geography.portal.feature_set import FeatureSet


class ChangedError(Exception):
    """What came does not agree with what was announced, as when data is edited between two pages."""


def verify(features: FeatureSet, service: Service, oid: str, count: int) -> None:
    """Hold what came against what was announced and what the catalogue expects.

    Parameters
    ----------
    features
        All objects that came.
    service
        The entry of the catalogue.
    oid
        The column that numbers the objects.
    count
        How many there are, as the service said at the start.

    Raises
    ------
    ChangedError
        Where objects are missing or came more than once: asking anew may help.
    PortalError
        Where codes are missing or doubled, shapes are missing or in another system, or there are not as many
        objects as the catalogue says.
    """
    doubled = sorted(
        str(number) for number, times in Counter(features.values(oid)).items() if times > 1 or number is None
    )
    if doubled:
        raise ChangedError(
            f"{len(doubled):,} objects came more than once or without a number ({oid} {first_few(doubled)})"
        )
    if len(features) != count:
        raise ChangedError(f"{len(features):,} objects came of {count:,} announced")
    columns = [*service.unique, *([service.name] if service.name else [])]
    faults = [
        f"no column {column} among {first_few(features.columns, 20)}"
        for column in columns
        if features.column(column) is None
    ]
    if not faults and service.unique:
        named = "/".join(service.unique)
        codes = list(zip(*(features.values(column) for column in service.unique), strict=True))
        blank = sum(any(part is None or not str(part).strip() for part in code) for code in codes)
        twice = sorted("/".join(map(str, code)) for code, times in Counter(codes).items() if times > 1)
        faults += [f"{blank:,} objects without {named}"] if blank else []
        faults += [f"{named} is not unique: {first_few(twice)}"] if twice else []
    if service.kind == "polygons":
        bare = features.without_shape()
        faults += [f"{bare:,} objects have no shape"] if bare else []
        if features.crs not in {None, service.crs}:
            faults.append(f"coordinates in EPSG:{features.crs}, not in EPSG:{service.crs} as asked for")
    if service.rows is not None and service.rows != count:
        faults.append(
            f"{count:,} objects where the catalogue expects {service.rows:,}: another vintage or filter"
        )
    if faults:
        raise PortalError(f"{service.key} ({service.service}): {'; '.join(faults)}")
