/**
 * Compiles only while everything that the centre sends fits what the window expects, and everything
 * that the window sends fits what the centre takes. tests/browser/test_wire.py makes `openapi.ts`.
 */
import type * as health from "../src/video/health/wire";
import type * as devices from "../src/city/devices/wire";
import type * as wire from "../src/kernel/wire";
import type * as trust from "../src/trust/wire";
import type * as setup from "../src/video/setup/wire";
import type * as watching from "../src/video/live/wire";
import type * as incidents from "../src/incidents/wire";
import type { Said } from "../src/incidents/asking";
import type * as recorded from "../src/video/playback/wire";
import type { components } from "./openapi";

type Schemas = components["schemas"];
type Fits<Given extends Wanted, Wanted> = [Given, Wanted];
/** What has a default is optional to take, and always sent. */
type Full<T> = T extends (infer Item)[] ? Full<Item>[] : T extends object ? { [K in keyof T]-?: Full<Exclude<T[K], undefined>> } : T;

export type Sent = [
  Fits<Full<Schemas["SessionOut"]>, wire.Session>,
  Fits<Full<Schemas["CameraOut"]>, wire.Camera>,
  Fits<Full<Schemas["CameraPage"]>, wire.Page<wire.Camera>>,
  Fits<Full<Schemas["SiteProperties"]>, wire.SiteProperties>,
  Fits<Full<Schemas["ImportOut"]>, wire.ImportReport>,
  Fits<Full<Schemas["ImportReportView"]>, wire.ImportReport>,
  Fits<Full<Schemas["CameraItem"]>, wire.CameraHealth>,
  Fits<Full<Schemas["WorkerItem"]>, wire.WorkerHealth>,
  Fits<Omit<Full<Schemas["ClipBody"]>, "state">, Omit<wire.Clip, "state">>,
  Fits<Full<Schemas["ReadView"]>, wire.Read>,
  Fits<Full<Schemas["ReadsView"]>, wire.Page<wire.Read>>,
  Fits<Full<Schemas["EntryView"]>, wire.Entry>,
  Fits<Full<Schemas["amaan__plates__entry_routes__EntriesView"]>, wire.Page<wire.Entry>>,
  Fits<Full<Schemas["AlarmView"]>, wire.Alarm>,
  Fits<Full<Schemas["AlarmsView"]>, wire.Page<wire.Alarm>>,
  Fits<Full<Schemas["HealthOut"]>, wire.Health>,
];

export type SentBySetup = [
  Fits<Full<Schemas["FoundItems"]>, setup.FoundDevices>,
  Fits<Full<Schemas["DescriptionBody"]>, setup.CameraDescription>,
  Fits<Full<Schemas["EncoderBody"]>, setup.StreamEncoder>,
  Fits<Full<Schemas["SetupWorkers"]>, setup.SetupWorkers>,
];

export type SentByTrust = [
  Fits<Full<Schemas["SessionItem"]>, trust.SignedIn>,
  Fits<Full<Schemas["TotpOut"]>, trust.TotpStart>,
  Fits<Full<Schemas["PasskeyOut"]>, trust.Passkey>,
  Fits<Full<Schemas["ListedOut"]>, trust.AccountView>,
  Fits<Full<Schemas["GroupOut"]>, trust.SiteGroup>,
  Fits<Full<Schemas["RoleOut"]>, trust.RoleView>,
  Fits<Full<Schemas["AuthorityView"]>, trust.Authority>,
  Fits<Full<Schemas["AuthoritiesView"]>, wire.Page<trust.Authority>>,
  Fits<Full<Schemas["ReachView"]>, trust.Reachable>,
  Fits<Full<Schemas["EntryOut"]>, trust.AuditEntry>,
  Fits<Full<Schemas["ProofView"]>, trust.InclusionProof>,
  Fits<Full<Schemas["StatusView"]>, trust.AuditStatus>,
  Fits<Full<Schemas["ClassView"]>, trust.RetentionClass>,
  Fits<Full<Schemas["SignedReceiptView"]>, trust.SignedReceipt>,
  Fits<Full<Schemas["HoldView"]>, trust.Hold>,
  Fits<Full<Schemas["FindingDetail"]>, trust.FindingDetail>,
  Fits<Full<Schemas["RosterView"]>, wire.ImportReport>,
  Fits<Full<Schemas["RequestView"]>, trust.PublicRequest>,
  Fits<Full<Schemas["AppealView"]>, trust.Appeal>,
  Fits<Full<Schemas["ViewBody"]>, watching.LiveView>,
  Fits<Full<Schemas["LeaseBody"]>, watching.Lease>,
  Fits<Full<Schemas["KeptBody"]>, watching.Kept>,
  Fits<Full<Schemas["SteeringBody"]>, watching.Steering>,
];

export type Taken = [
  Fits<wire.CameraDraft, Schemas["CameraIn"]>,
  Fits<wire.EntryDraft, Schemas["NewEntry"]>,
  Fits<Omit<wire.EntryDraft, "plate">, Schemas["EntryChanges"]>,
  Fits<{ reason: string }, Schemas["Decision"]>,
  Fits<Omit<trust.AuthorityDraft, "purpose" | "scope">, Omit<Schemas["NewAuthorityBody"], "purpose" | "scope">>,
  Fits<trust.HoldDraft, Schemas["HoldBody"]>,
  Fits<trust.Vehicles, Schemas["VehiclesBody"]>,
  Fits<trust.PlaceDraft, Schemas["NewPlaceBody"]>,
  Fits<trust.RequestDraft, Schemas["NewRequestBody"]>,
  Fits<Required<watching.SteerAct>, Schemas["SteerBody"]>,
  Fits<{ camera: string; stream: watching.Stream; kind: watching.Way; incident?: string }, Schemas["WishBody"]>,
  Fits<{ camera: string; stream: watching.Stream }, Schemas["SnapshotBody"]>,
];

export type HealthFit = [
  Fits<Full<Schemas["AvailabilityItem"]>, health.Availability>,
  Fits<Full<Schemas["AvailabilityItems"]>, { items: health.Availability[] }>,
  Fits<Full<Schemas["HistoryItem"]>, health.HistoryEntry>,
  Fits<Full<Schemas["HistoryItems"]>, { items: health.HistoryEntry[] }>,
];

export type DevicesFit = [
  Fits<Full<Schemas["DeviceOut"]>, devices.Device>,
  Fits<Full<Schemas["DeviceList"]>, { items: devices.Device[] }>,
  Fits<Full<Schemas["SiteStatusOut"]>, devices.SiteStatus>,
  Fits<Full<Schemas["ForecastOut"]>, devices.Forecast>,
  Fits<devices.DeviceDraft, Schemas["DeviceIn"]>,
  Fits<Pick<devices.DeviceDraft, "name" | "windows" | "maintenance_until">, Schemas["DevicePatch"]>,
];

export type SentByIncidents = [
  Fits<Full<Schemas["IncidentView"]>, incidents.Incident>,
  Fits<Full<Schemas["IncidentDetailView"]>, incidents.IncidentDetail>,
  Fits<Schemas["IncidentsView"], { items: incidents.Incident[] }>,
  Fits<Schemas["NextView"], incidents.NextCamera>,
  Fits<Schemas["PursuitOut"], incidents.Pursuit>,
];

export type TakenByIncidents = [
  Fits<Required<incidents.IncidentDraft>, Schemas["NewIncidentBody"]>,
  Fits<{ text: string }, Schemas["NoteBody"]>,
  Fits<{ state: incidents.IncidentState; reason: string }, Schemas["StateBody"]>,
  Fits<{ camera: string; seen_at: string }, Schemas["StartBody"]>,
  Fits<Required<Said>, Omit<Schemas["StepBody"], "note">>,
];

export type PlaybackFit = [
  Fits<Schemas["CameraTimelineBody"], recorded.CameraTimeline>,
  Fits<Schemas["TimelineBody"], recorded.Timeline>,
  Fits<Schemas["MarksBody"], recorded.Marks>,
  Fits<Schemas["OpenedBody-Output"], recorded.Opened>,
  Fits<Schemas["ExportBody"], recorded.Export>,
  Fits<Full<Schemas["ExportsBody"]>, wire.Page<recorded.Export>>,
  Fits<recorded.ExportDraft, Schemas["NewExportBody"]>,
];
