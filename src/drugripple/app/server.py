"""The server: one socket of this machine, and an address that holds a token."""

import secrets
import socket
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from drugripple.app.guard import Guard
from drugripple.app.limits import Limits
from drugripple.app.site import make_site
from drugripple.errors import ConfigError

LOOPBACK = "127.0.0.1"
FIRST_PORT = 8765


def serve(
    *,
    model: Path | None = None,
    host: str = LOOPBACK,
    port: int = FIRST_PORT,
    limits: Limits | None = None,
    on_address: Callable[[str], None],
) -> None:
    """Serve the page until the process is interrupted.

    Args:
        model: folder of a default model; that of this machine unless given.
        host: address to listen at; nobody but this machine reaches the default.
        port: 0 for any that is free.
        limits: what a question may cost.
        on_address: told the page's address, with its token, once it is listened at.

    Raises:
        ConfigError: if the address is none of this machine, stands for several, or is in use.
    """
    import uvicorn

    bounds = limits or Limits()
    listening = listen(host, port)
    name = f"{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
    token = secrets.token_urlsafe(24)
    app = Guard(
        make_site(model, bounds), token=token, hosts=hosts_of(host, listening.getsockname()[1]),
        upload_bytes=bounds.upload_bytes,
    )  # fmt: skip
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, date_header=False, ws="none", lifespan="on",
        limit_concurrency=64, timeout_graceful_shutdown=2,
    )  # fmt: skip
    on_address(f"http://{name}/{token}/")
    with listening:
        uvicorn.Server(config).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at one address of this machine.

    Raises:
        ConfigError: if the address is none of this machine, stands for several, or is in use.
    """
    try:
        address = ip_address(host)
    except ValueError as error:
        message = f"{host!r} is no IP address; name one of this machine, or leave it out for {LOOPBACK}"
        raise ConfigError(message) from error
    if address.is_unspecified:
        message = f"{host} stands for every address of this machine; name the one that the page is to be called by"
        raise ConfigError(message)
    made = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        message = f"cannot listen at {host}, port {port}: {error.strerror}; choose another port, or 0 for any"
        raise ConfigError(message) from error
    return made


def hosts_of(host: str, port: int) -> frozenset[str]:
    """Names by which a browser calls the server.

    >>> sorted(hosts_of("127.0.0.1", 8765))
    ['127.0.0.1:8765', '[::1]:8765', 'localhost:8765']
    >>> sorted(hosts_of("192.0.2.7", 80))
    ['192.0.2.7', '192.0.2.7:80']
    """
    written = f"[{host}]" if ":" in host else host
    names = {written, "localhost", "[::1]", LOOPBACK} if ip_address(host).is_loopback else {written}
    return frozenset(f"{name}:{port}" for name in names) | (frozenset(names) if port == 80 else frozenset())
