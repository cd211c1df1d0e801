/**
 * Compiles only while everything that the centre sends fits what the window expects, and everything
 * that the window sends fits what the centre takes. tests/browser/test_wire.py makes `openapi.ts`.
 */
import type * as wire from "../src/kernel/wire";
import type { components } from "./openapi";

type Schemas = components["schemas"];
type Fits<Given extends Wanted, Wanted> = [Given, Wanted];

export type Sent = [
  Fits<Schemas["SessionOut"], wire.Session>,
  Fits<Schemas["CameraOut"], wire.Camera>,
  Fits<Schemas["CameraPage"], wire.Page<wire.Camera>>,
  Fits<Schemas["SiteProperties"], wire.SiteProperties>,
  Fits<Schemas["ImportOut"], wire.ImportReport>,
  Fits<Schemas["ImportReportView"], wire.ImportReport>,
  Fits<Schemas["CameraItem"], wire.CameraHealth>,
  Fits<Schemas["WorkerItem"], wire.WorkerHealth>,
  Fits<Omit<Schemas["ClipBody"], "state">, Omit<wire.Clip, "state">>,
  Fits<Schemas["ReadView"], wire.Read>,
  Fits<Schemas["ReadsView"], wire.Page<wire.Read>>,
  Fits<Schemas["EntryView"], wire.Entry>,
  Fits<Schemas["EntriesView"], wire.Page<wire.Entry>>,
  Fits<Schemas["AlarmView"], wire.Alarm>,
  Fits<Schemas["AlarmsView"], wire.Page<wire.Alarm>>,
  Fits<Schemas["HealthOut"], wire.Health>,
];

export type Taken = [
  Fits<wire.CameraDraft, Schemas["CameraIn"]>,
  Fits<wire.EntryDraft, Schemas["NewEntry"]>,
  Fits<Omit<wire.EntryDraft, "plate">, Schemas["EntryChanges"]>,
  Fits<{ reason: string }, Schemas["Decision"]>,
];
