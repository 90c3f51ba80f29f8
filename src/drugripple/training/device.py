"""Which device a network is trained on."""

import torch


def pick_device(name: str) -> torch.device:
    """A device by its name in torch; `auto` takes a GPU where there is one."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)
