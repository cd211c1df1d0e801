/** Saves the picture that a camera shows now, named by camera and moment. */
export async function saveSnapshot(camera: string, at: number): Promise<void> {
  const video = document.querySelector<HTMLVideoElement>(`.play-tile[data-camera="${CSS.escape(camera)}"] video`);
  if (!video || video.videoWidth === 0) return;
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
  if (!picture) return;
  const address = URL.createObjectURL(picture);
  const link = document.createElement("a");
  link.href = address;
  link.download = `${camera}-${new Date(at).toISOString().replaceAll(":", "")}.jpg`;
  link.click();
  URL.revokeObjectURL(address);
}
