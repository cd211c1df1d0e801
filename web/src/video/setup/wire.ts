/** Setting cameras up, as the centre's API sends and takes it. A test holds this to its OpenAPI. */

export interface FoundDevice {
  host: string;
  address: string;
  name: string;
  hardware: string;
  location: string;
}

export interface FoundDevices {
  worker: string;
  found: FoundDevice[];
  /** Devices whose answers pointed to another place: left out. */
  elsewhere: number;
}

export interface StreamEncoder {
  token: string;
  codec: string;
  width: number;
  height: number;
  fps: number;
  /** Pictures from keyframe to keyframe; 0: not told. */
  gop: number;
  kbps: number;
}

export interface OfferedProfile {
  token: string;
  name: string;
  encoder: StreamEncoder;
  audio: boolean;
  ptz: boolean;
  /** Without user and password. */
  stream_uri: string;
}

export interface CameraDescription {
  vendor: string;
  model: string;
  firmware: string;
  /** Above 0: its clock is ahead. */
  clock_offset_s: number | null;
  profile: "S" | "T";
  ptz: boolean;
  profiles: OfferedProfile[];
}

export interface SetupWorkers {
  workers: string[];
}
