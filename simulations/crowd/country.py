"""The crowd of the configured country."""

from __future__ import annotations

from ivr.line import Lines
from queue_engine.config.load import Configuration
from queue_engine.runtime.driver import Driver
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from simulations.crowd.callers import CALLED_NUMBER
from simulations.crowd.console import EngineConsole
from simulations.crowd.crowd import CALLERS, NURSES, Crowd
from simulations.crowd.nurse import NurseHabits
from simulations.crowd.people import Habits
from simulations.crowd.rota import Inhabited


def crowd_of(
    configuration: Configuration,
    network: EmbeddedNetwork,
    driver: Driver,
    *,
    seed: int,
    share: float = 1.0,
    load: float = 1.0,
    callers: Habits = CALLERS,
    nurses: NurseHabits = NURSES,
) -> Crowd:
    """Callers and nurses of all configured regions, on a driver that has started.

    Args:
        seed: the same seed and hour, the same people.
        share: of the country, calls and nurses, for a smaller machine.
        load: calls in proportion to those that the rota is made for.
        callers, nurses: how people are.
    """
    line = Lines(configuration.lines).called(CALLED_NUMBER) or configuration.lines[0]
    return Crowd(
        network,
        driver.clock,
        EngineConsole(driver, network.link_id),
        seed=seed,
        regions=[Inhabited(region.code, region.population) for region in configuration.regions],
        menu=configuration.menus[line.menu],
        area_codes=configuration.area_codes,
        share=share,
        load=load,
        callers=callers,
        nurses=nurses,
    )
