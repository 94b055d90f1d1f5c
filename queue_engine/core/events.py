"""What has been decided. Written by `decide`, read by everybody.

House rules: past tense, frozen, flat; an event carries all that `apply` needs, so that applying
never chooses. Edges act on events only after their record has been journaled. Nearly all of them
stand in modules of their own, by what they are about, and are part of this one all the same.
"""

from __future__ import annotations

from queue_engine.core.agent_events import (
    AgentBecameNotReady as AgentBecameNotReady,
    AgentBecameReady as AgentBecameReady,
    AgentForced as AgentForced,
    AgentSignedOff as AgentSignedOff,
    AgentSignedOn as AgentSignedOn,
    AgentStrained as AgentStrained,
    IslandBegan as IslandBegan,
    LinkLost as LinkLost,
    LinkReconciled as LinkReconciled,
    LinkRestored as LinkRestored,
    SignOffAwaited as SignOffAwaited,
    SignOffTakenBack as SignOffTakenBack,
    Strain as Strain,
    StrainEased as StrainEased,
    WrapUpEnded as WrapUpEnded,
    WrapUpStarted as WrapUpStarted,
)
from queue_engine.core.agreement_events import (
    LineClosed as LineClosed,
    LineOpened as LineOpened,
    PolicyLoaded as PolicyLoaded,
    WindowSet as WindowSet,
)
from queue_engine.core.callback_events import (
    CallbackAwaited as CallbackAwaited,
    CallbackDialled as CallbackDialled,
    CallbackEvent as CallbackEvent,
    CallbackNotReached as CallbackNotReached,
    CallbackOverdue as CallbackOverdue,
    CallbackPromised as CallbackPromised,
    CallbackTextAsked as CallbackTextAsked,
    CallerOnLine as CallerOnLine,
)
from queue_engine.core.consult_events import (
    ConferenceStarted as ConferenceStarted,
    ConsultAnswered as ConsultAnswered,
    ConsultEnd as ConsultEnd,
    ConsultEnded as ConsultEnded,
    ConsultEvent as ConsultEvent,
    ConsultOffered as ConsultOffered,
    ContactHandedOver as ContactHandedOver,
)
from queue_engine.core.contact_events import (
    ConnectedUnknownPhone as ConnectedUnknownPhone,
    ContactConnected as ContactConnected,
    ContactEnded as ContactEnded,
    ContactEnqueued as ContactEnqueued,
    ContactForgotten as ContactForgotten,
    ContactKept as ContactKept,
    ContactPostponed as ContactPostponed,
    ContactPriorityChanged as ContactPriorityChanged,
    ContactRestored as ContactRestored,
    ContactReturned as ContactReturned,
    ContactSeenInFallback as ContactSeenInFallback,
    ContactSeenWaiting as ContactSeenWaiting,
    ContactShared as ContactShared,
    ContactUnshared as ContactUnshared,
    EmergencyOverdue as EmergencyOverdue,
    KeepingEnded as KeepingEnded,
    KeptReason as KeptReason,
    NeedsRelaxed as NeedsRelaxed,
    PostponementEnded as PostponementEnded,
    RelaxReason as RelaxReason,
    TriedForgotten as TriedForgotten,
)
from queue_engine.core.gateway_events import (
    GatewayLost as GatewayLost,
    GatewayRestored as GatewayRestored,
    GatewaySeatsSet as GatewaySeatsSet,
)
from queue_engine.core.island_events import (
    IslandContactAwaited as IslandContactAwaited,
    IslandContactMerged as IslandContactMerged,
    IslandContactTaken as IslandContactTaken,
    IslandEvent as IslandEvent,
    IslandForgotten as IslandForgotten,
    IslandMerged as IslandMerged,
    IslandTextTaken as IslandTextTaken,
)
from queue_engine.core.message import message
from queue_engine.core.offer_events import (
    ContactOffered as ContactOffered,
    LateAnswer as LateAnswer,
    LateReport as LateReport,
    OfferFailed as OfferFailed,
    OfferRangOut as OfferRangOut,
    OfferRejected as OfferRejected,
    OfferRevoked as OfferRevoked,
    OfferSeen as OfferSeen,
    RevokeReason as RevokeReason,
)
from queue_engine.core.return_events import (
    CallsForgotten as CallsForgotten,
    ContactRefused as ContactRefused,
    EmergencyPressedAgain as EmergencyPressedAgain,
    MisuseMarked as MisuseMarked,
    RefusalReason as RefusalReason,
)
from queue_engine.core.talk_events import (
    ContactHeld as ContactHeld,
    ContactRetrieved as ContactRetrieved,
    ContactSentBack as ContactSentBack,
    ContactTransferred as ContactTransferred,
    DispositionSet as DispositionSet,
    HoldOverdue as HoldOverdue,
    HomeRegionCorrected as HomeRegionCorrected,
    TalkEvent as TalkEvent,
    WrapUpProlonged as WrapUpProlonged,
)
from queue_engine.core.text_events import (
    TextAskedAgain as TextAskedAgain,
    TextEvent as TextEvent,
    TextFailed as TextFailed,
    TextForgotten as TextForgotten,
    TextGivenUp as TextGivenUp,
    TextSent as TextSent,
)
from queue_engine.core.trunk_events import (
    TrunkFailed as TrunkFailed,
    TrunkRestEnded as TrunkRestEnded,
)
from routing.limits import LimitKind
from routing.vocabulary import ContactId, RegionCode


@message
class LimitTurned:
    """A measure of a region crossed its limit; what hangs on the limit follows."""

    region: RegionCode
    limit: LimitKind
    part: str
    """What of the region was measured, or for which of its rules."""
    is_on: bool
    value: int | None
    """What was measured; None: more than can be said, or the rules no longer ask."""


@message
class LendingSet:
    """A region's lending was cut to tiers 0 and 1, or given back."""

    region: RegionCode
    is_cut: bool
    reason: str


@message
class CommandFailed:
    """The core failed at a command: an alarm. `digest` names the state it failed on."""

    command: str
    error: str
    """The kind of failure and where in the code; never what it said."""
    contact_id: ContactId | None
    digest: str
    deadline: tuple[str, str, str] | None = None
    """The row (kind, subject, detail) at which it failed..."""
    retry_at_ms: int | None = None
    """...and until when that row is put off."""


Event = (
    PolicyLoaded
    | WindowSet
    | LimitTurned
    | LineOpened
    | LineClosed
    | LendingSet
    | CommandFailed
    | ContactEnqueued
    | ContactRestored
    | ContactSeenWaiting
    | ContactSeenInFallback
    | ContactPriorityChanged
    | NeedsRelaxed
    | ContactKept
    | KeepingEnded
    | ContactShared
    | ContactUnshared
    | ContactPostponed
    | PostponementEnded
    | TriedForgotten
    | EmergencyOverdue
    | ContactConnected
    | ConnectedUnknownPhone
    | ContactReturned
    | TalkEvent
    | ConsultEvent
    | CallbackEvent
    | TextEvent
    | ContactEnded
    | ContactForgotten
    | ContactOffered
    | OfferSeen
    | OfferRangOut
    | OfferRejected
    | OfferFailed
    | OfferRevoked
    | LateAnswer
    | LateReport
    | AgentSignedOn
    | AgentSignedOff
    | SignOffAwaited
    | SignOffTakenBack
    | AgentBecameReady
    | AgentBecameNotReady
    | AgentForced
    | AgentStrained
    | StrainEased
    | WrapUpStarted
    | WrapUpEnded
    | MisuseMarked
    | EmergencyPressedAgain
    | CallsForgotten
    | ContactRefused
    | LinkLost
    | LinkRestored
    | TrunkFailed
    | TrunkRestEnded
    | IslandEvent
    | IslandBegan
    | GatewayRestored
    | GatewayLost
    | GatewaySeatsSet
    | LinkReconciled
)
