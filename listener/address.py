"""The address guard: which machines a fetch may connect to.

Where we go is chosen by strangers (a redirect, a feed's `next_url`), so nothing on the operator's own network
may be reached through us unless `network.allow` names it.

    RefusedAddress      the host has no address that may be connected to, or none at all
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Not covered by `is_global`: Azure's host agent sits on a public address; 192.0.0.0/24 holds Oracle's
# metadata service, and older Pythons count parts of it as global.
_REFUSED: tuple[Network, ...] = (
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("192.0.0.0/24"),
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class RefusedAddress(Exception):
    """Says why and what to do. `permanent` is False when the name did not resolve: that may pass."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class AddressGuard:
    """Public addresses, and what `allow` names: hosts, addresses, or networks in CIDR form."""

    def __init__(self, allow: Sequence[str]) -> None:
        self._hosts: set[str] = set()
        self._networks: list[Network] = []
        for entry in allow:
            try:
                self._networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                self._hosts.add(entry.lower().rstrip("."))

    def allows_host(self, host: str) -> bool:
        """True when `allow` names this host, or the address that it is."""
        if host.lower().rstrip(".") in self._hosts:
            return True
        try:
            return self._allows(ipaddress.ip_address(host.strip("[]")))
        except ValueError:
            return False

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of `host` that may be connected to, never empty. Raises RefusedAddress."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise RefusedAddress(
                f"ホスト名が見つかりません / cannot resolve {host}: check the address and this machine's DNS",
                permanent=False,
            ) from error
        known = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if self.allows_host(host):
            return known
        good = [text for text in known if self._safe(ipaddress.ip_address(text.split("%")[0]))]
        if not good:
            raise RefusedAddress(
                f"内部ネットワークのアドレスには接続しません / refused: {host} is at a private address "
                f"({known[0]}); if it is yours, add it to network.allow in config.yaml",
                permanent=True,
            )
        return good

    def _allows(self, address: Address) -> bool:
        return any(address in network for network in self._networks)

    def _safe(self, address: Address) -> bool:
        if self._allows(address):
            return True
        if isinstance(address, ipaddress.IPv6Address):
            inner = _embedded(address)
            if inner is not None:
                return self._safe(inner)
        return address.is_global and not address.is_multicast and not any(address in net for net in _REFUSED)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a mapped, 6to4, Teredo or NAT64 address leads to."""
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
