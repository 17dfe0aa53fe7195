"""A teacher for a smaller or a better network: several trained networks' answers, averaged.

Answers are kept by text and target, so that later epochs ask only for lines that are new to them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nlp.sentiment.encode import Encoder
from nlp.sentiment.network import Network
from nlp.training.data import Line
from nlp.training.train import answers


class Teachers:
    """Call with lines: the mean of the networks' logits, shape (lines, 25)."""

    def __init__(self, networks: Sequence[Network], encoder: Encoder) -> None:
        self._networks = networks
        self._encoder = encoder
        self._known: dict[tuple[str, str | None], Tensor] = {}

    def __call__(self, lines: Sequence[Line]) -> Tensor:
        new = list({(x.text, x.target): x for x in lines if (x.text, x.target) not in self._known}.values())
        if new:
            mean = torch.stack([answers(each, self._encoder, new) for each in self._networks]).mean(0)
            self._known.update({(x.text, x.target): row for x, row in zip(new, mean, strict=True)})
        return torch.stack([self._known[line.text, line.target] for line in lines])


def thin(network: Network, layers: int) -> None:
    """Keep `layers` of the encoder's layers, evenly spread, the last one among them, in place."""
    stack = network.encoder.encoder.layer
    count = len(stack)
    kept = sorted({round((number + 1) * count / layers) - 1 for number in range(layers)})
    network.encoder.encoder.layer = torch.nn.ModuleList([stack[index] for index in kept])
    network.encoder.config.num_hidden_layers = len(kept)
