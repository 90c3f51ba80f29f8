"""One compound under many names: spellings, words for its salt, and ids behind a name."""

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from drugripple.chem.identity import SHORTEST_NAME, name_parts

SALTS = frozenset(
    {
        "hcl", "2hcl", "hbr", "hydrochloride", "dihydrochloride", "monohydrochloride", "hydrobromide",
        "sulfate", "sulphate", "phosphate", "diphosphate", "mesylate", "dimesylate", "mesilate",
        "methanesulfonate", "tosylate", "ditosylate", "besylate", "camsylate", "esylate", "maleate", "fumarate",
        "succinate", "tartrate", "citrate", "malate", "acetate", "lactate", "malonate", "oxalate",
        "hemifumarate", "trifluoroacetate", "tfa", "pamoate", "bitartrate", "gluconate", "sodium", "disodium",
        "potassium", "calcium", "salt", "hydrate", "monohydrate", "dihydrate", "hemihydrate", "anhydrous",
        "base", "freebase", "free",
    }
)  # fmt: skip
NO_NAMES: Mapping[str, str] = MappingProxyType({})
_PURE = re.compile(r"^\((?:\d*[rsez]|[+±−-]|\+/-|\+\\-|,\s*)+\)-", re.IGNORECASE)
"""What a name says of the stereochemistry in brackets before it."""
_NUMBER = re.compile(r"0*(\d+)(\.0)?")
_NUMBERED = re.compile(r".*[^\W\d_].*[_ #:-]0*(\d{3,})(\.0)?")


def plain_compound(name: str) -> str:
    """A compound's name without case, punctuation and words for its salt; a number without zeros around it.

    A name of nothing else stays.

    >>> plain_compound("Erlotinib (HCl)"), plain_compound("1003.0"), plain_compound("Sodium citrate")
    ('erlotinib', '1003', 'sodiumcitrate')
    """
    folded = _PURE.sub("", name.casefold().strip())
    if number := _NUMBER.fullmatch(folded):
        return number[1]
    words = re.findall(r"[^\W_]+", folded)
    return "".join(word for word in words if word not in SALTS) or _letters(name)


def compounds_under_two_names(
    late: Iterable[str],
    early: Iterable[str],
    *,
    drawn: Collection[str] = (),
    usual: Mapping[str, str] = NO_NAMES,
) -> dict[str, str]:
    """Late names that mean a compound of the early ones: {late: early}.

    `Camptothecin_1003` is known as Camptothecin and as 1003, and `Erlotinib (OSI-774)` as Erlotinib and as OSI-774, if
    one of them is the whole name on the other side.

    Args:
        late: names.
        early: names.
        drawn: those whose structure is known: of two of them only the spelling is compared, for the acetate of a name
            may be an ester.
        usual: the usual names of those that have another, such as a brand.

    >>> compounds_under_two_names(["Erlotinib HCl", "1003", "drug_2"], ["erlotinib", "Camptothecin_1003.0", "drug_1"])
    {'Erlotinib HCl': 'erlotinib', '1003': 'Camptothecin_1003.0'}
    """
    whole = {plain_compound(known): name for name in early for known in (name, usual.get(name, name))}
    parts = {part: name for name in whole.values() for part in _parts(name)}
    found = {}
    for name in late:
        plains = [plain_compound(known) for known in (name, usual.get(name, name))]
        same = next((found_in[plain] for found_in in (whole, parts) for plain in plains if plain in found_in), "")
        same = same or next((whole[part] for part in _parts(name) if part in whole), "")
        if same and (not {name, same} <= set(drawn) or _letters(name) == _letters(same)):
            found[name] = same
    return found


def _letters(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum()) or name


def _parts(name: str) -> tuple[str, ...]:
    """The name and the id of `name_id`, and the names of `name (name, name)`; none where there is only one of them."""
    several = [plain for part in name_parts(name) if len(plain := plain_compound(part)) > SHORTEST_NAME]
    parts = several if len(several) > 1 else []
    numbered = _NUMBERED.fullmatch(name.strip())
    if numbered is not None:
        parts += [plain_compound(re.split(r"[_ #:-]0*\d+(?:\.0)?$", name.strip())[0]), numbered[1]]
    return tuple(parts)
