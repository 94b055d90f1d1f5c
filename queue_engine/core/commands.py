"""What somebody wants, or saw.

House rules: frozen, flat, tagged by class name in the journal. *Requests* (imperative) come from
people and may be refused before anything is emitted. *Reports* (`Report...`) come from the
switch and are facts: they are never refused; one that comes too late gives an event of its own.
"""

from __future__ import annotations

from queue_engine.core.island_reports import (
    Island as Island,
    IslandAnswer as IslandAnswer,
    IslandContact as IslandContact,
    IslandText as IslandText,
    ReportIsland as ReportIsland,
)
from queue_engine.core.reports import (
    CallbackFailure as CallbackFailure,
    CallerPlace as CallerPlace,
    CallTicket as CallTicket,
    OfferFailure as OfferFailure,
    ReportCallbackDialled as ReportCallbackDialled,
    ReportCallbackFailed as ReportCallbackFailed,
    ReportCallerGone as ReportCallerGone,
    ReportCallerWaiting as ReportCallerWaiting,
    ReportCommandFailed as ReportCommandFailed,
    ReportConnected as ReportConnected,
    ReportConsultAnswered as ReportConsultAnswered,
    ReportCutOff as ReportCutOff,
    ReportGateway as ReportGateway,
    ReportLinkLost as ReportLinkLost,
    ReportOfferFailed as ReportOfferFailed,
    ReportSwitch as ReportSwitch,
    ReportTalkEnded as ReportTalkEnded,
    ReportTextFailed as ReportTextFailed,
    ReportTextSent as ReportTextSent,
    SeenCaller as SeenCaller,
    TextFailure as TextFailure,
)
from queue_engine.core.requests import (
    Actor as Actor,
    Alternative as Alternative,
    CloseLine as CloseLine,
    EndWrapUp as EndWrapUp,
    EnqueueContact as EnqueueContact,
    ForceAgent as ForceAgent,
    ForcedState as ForcedState,
    LoadPolicy as LoadPolicy,
    MarkMisuse as MarkMisuse,
    OpenLine as OpenLine,
    PassTime as PassTime,
    RequestCallback as RequestCallback,
    SetAgentNotReady as SetAgentNotReady,
    SetAgentReady as SetAgentReady,
    SetContactPriority as SetContactPriority,
    SetGatewaySeats as SetGatewaySeats,
    SetLending as SetLending,
    SetWindow as SetWindow,
    SignOffAgent as SignOffAgent,
    SignOnAgent as SignOnAgent,
    TakeMeasures as TakeMeasures,
)
from queue_engine.core.screen_requests import (
    AcceptOffer as AcceptOffer,
    EndContact as EndContact,
    RejectOffer as RejectOffer,
    ScreenRequest as ScreenRequest,
)
from queue_engine.core.talk_requests import (
    CompleteTransfer as CompleteTransfer,
    ConsultAgent as ConsultAgent,
    CorrectHomeRegion as CorrectHomeRegion,
    EndConsult as EndConsult,
    HoldContact as HoldContact,
    ProlongWrapUp as ProlongWrapUp,
    RetrieveContact as RetrieveContact,
    SendBack as SendBack,
    SetDisposition as SetDisposition,
    StartConference as StartConference,
    TalkRequest as TalkRequest,
    TransferContact as TransferContact,
)

Request = (
    LoadPolicy
    | EnqueueContact
    | RequestCallback
    | SetContactPriority
    | TalkRequest
    | ScreenRequest
    | MarkMisuse
    | SignOnAgent
    | SignOffAgent
    | SetAgentReady
    | SetAgentNotReady
    | ForceAgent
    | EndWrapUp
    | SetWindow
    | SetLending
    | TakeMeasures
    | OpenLine
    | CloseLine
    | PassTime
    | SetGatewaySeats
)
Report = (
    ReportCallerWaiting
    | ReportCallerGone
    | ReportConnected
    | ReportOfferFailed
    | ReportCallbackDialled
    | ReportCallbackFailed
    | ReportConsultAnswered
    | ReportTalkEnded
    | ReportTextSent
    | ReportTextFailed
    | ReportLinkLost
    | ReportSwitch
    | ReportCommandFailed
    | ReportIsland
    | ReportCutOff
    | ReportGateway
)
Command = Request | Report
