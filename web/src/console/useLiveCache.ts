import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { clipChanged, placeAlarm } from "../alarms/alarms";
import { useSiteNames } from "../city/places";
import { announce } from "../kernel/Announcer";
import { live } from "../kernel/live";
import { usePreferences } from "../kernel/preferences";
import { chime } from "../kernel/sound";
import type { CameraHealth, Page, WorkerHealth } from "../kernel/wire";
import { SESSION } from "../trust/session";
import { CLIPS, HEALTH, WORKERS } from "../video/health";

/** Opens the stream and lets every event land where the pages look. */
export function useLiveCache(signedIn: boolean): void {
  const client = useQueryClient();
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);

  useEffect(() => {
    if (!signedIn) return;
    live.open();
    return () => live.close();
  }, [signedIn]);

  useEffect(() => {
    const offs = [
      live.on("alarm.changed", (alarm) => placeAlarm(client, alarm)),
      live.on("camera.changed", (health) => {
        client.setQueryData<Page<CameraHealth>>(HEALTH, (page) => page && {
          ...page,
          items: page.items.some((each) => each.camera === health.camera)
            ? page.items.map((each) => (each.camera === health.camera ? health : each))
            : [...page.items, health],
        });
      }),
      live.on("worker.changed", (worker) => {
        client.setQueryData<Page<WorkerHealth>>(WORKERS, (page) => page && {
          ...page,
          items: page.items.some((each) => each.worker === worker.worker)
            ? page.items.map((each) => (each.worker === worker.worker ? { ...each, ...worker } : each))
            : [...page.items, worker],
        });
      }),
      live.on("clip.changed", ({ id, alarm }) => {
        void client.invalidateQueries({ queryKey: [...CLIPS, id] });
        clipChanged(client, alarm);
      }),
      live.onResumed(() => void client.invalidateQueries()),
      live.onRefused(() => void client.invalidateQueries({ queryKey: SESSION })),
    ];
    return () => offs.forEach((off) => off());
  }, [client]);

  useEffect(() => live.on("alarm.raised", (alarm) => {
    placeAlarm(client, alarm);
    chime(alarm.severity);
    announce(t("alarms.announce", {
      severity: t(`alarms.severities.${alarm.severity}`), plate: alarm.read?.plate ?? alarm.title, site: siteName(alarm.read?.site ?? alarm.site),
    }));
  }), [client, t, siteName]);
}
