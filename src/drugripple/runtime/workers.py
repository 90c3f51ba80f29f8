"""Where independent jobs run: processes of this machine, or a Ray or Dask cluster, through joblib's own backends."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum

from drugripple.errors import ConfigError


class Backend(StrEnum):
    """Where workers run."""

    LOCAL = "local"
    """Processes of this machine."""
    RAY = "ray"
    DASK = "dask"


NOT_INSTALLED = "backend = '{0}' needs a package that is not installed: pip install 'drugripple[{0}]'"
NOT_REACHED = "no {} cluster {}: {}; start one, or leave `address` out"


@contextmanager
def worker_pool(backend: Backend, count: int, *, address: str = "", shared: Sequence[object] = ()) -> Iterator[None]:
    """Send every `joblib.Parallel` of the block to `count` workers.

    Args:
        backend: `local` processes, or a cluster.
        count: how many workers; of a cluster that is running already, how many jobs it gets at a time.
        shared: arguments that every job gets: Dask sends them to each worker once.
        address: of the running cluster; one on this machine lives as long as the block where it is blank.

    Raises:
        ConfigError: if the backend's package is not installed, or the cluster cannot be reached.
    """
    import joblib

    if backend is Backend.LOCAL:
        with restarts_untold(), joblib.parallel_config(backend="loky" if count > 1 else "sequential", n_jobs=count):
            yield
    elif backend is Backend.RAY:
        with _ray(count, address):
            yield
    else:
        with _dask(count, address, shared):
            yield


@contextmanager
def restarts_untold() -> Iterator[None]:
    """Keep loky's warning from being told, or raised, when it starts a worker anew that grew by 300 MB.

    It warns in the thread that gives out the jobs. Where warnings are errors, that thread would end and the caller wait
    for ever.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given", category=UserWarning)
        yield


@contextmanager
def _ray(count: int, address: str) -> Iterator[None]:
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError as error:
        message = NOT_INSTALLED.format("ray")
        raise ConfigError(message) from error
    import joblib

    already = ray.is_initialized()
    if not already:
        try:
            if address:
                ray.init(address=address, log_to_driver=False)
            else:
                ray.init(num_cpus=count, include_dashboard=False, log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            message = NOT_REACHED.format("Ray", address or "on this machine", error)
            raise ConfigError(message) from error
    try:
        register_ray()
        with joblib.parallel_config(backend="ray", n_jobs=count):
            yield
    finally:
        if not already:
            ray.shutdown()


@contextmanager
def _dask(count: int, address: str, shared: Sequence[object]) -> Iterator[None]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        message = NOT_INSTALLED.format("dask")
        raise ConfigError(message) from error
    import joblib

    with ExitStack() as started:
        try:
            cluster = address or started.enter_context(
                LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)
            )
            started.enter_context(Client(cluster, timeout="30s"))
        except (OSError, ValueError, TimeoutError) as error:
            message = NOT_REACHED.format("Dask", address or "on this machine", error)
            raise ConfigError(message) from error
        with joblib.parallel_config(backend="dask", n_jobs=count, scatter=list(shared)):
            yield
