import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import type { CameraDescription, OfferedProfile } from "./wire";

const CLOCK_OFF_S = 2;
/** A keyframe less often than this makes seeking and live slow; some cameras stretch it to minutes. */
const KEYFRAME_MOST_S = 4;

function keyframeEvery_s({ encoder }: OfferedProfile): number {
  return encoder.gop > 0 && encoder.fps > 0 ? encoder.gop / encoder.fps : 0;
}

/** What a camera says of itself: its clock, its streams and their keyframes. */
export function Offer({ said, action }: { said: CameraDescription; action?: (profile: OfferedProfile) => React.ReactNode }): React.JSX.Element {
  const { t } = useTranslation();
  const clock = said.clock_offset_s;
  const rare = said.profiles.filter((one) => keyframeEvery_s(one) > KEYFRAME_MOST_S);
  return (
    <div className="offer">
      <p>
        <strong dir="auto">{said.vendor} {said.model}</strong>
        <span className="muted">{t("setup.firmware", { version: said.firmware })} · {t("setup.profile", { letter: said.profile })} · {said.ptz ? t("setup.turns") : t("setup.fixed")}</span>
      </p>
      {clock !== null && Math.abs(clock) > CLOCK_OFF_S && (
        <p className="notice warn"><Icon name="warn" />{t("setup.clock_off", { seconds: Math.round(clock) })}</p>
      )}
      {rare.length > 0 && <p className="notice warn"><Icon name="warn" />{t("setup.rare_keyframes", { names: rare.map((one) => one.name).join(", ") })}</p>}
      <div className="table-box">
        <table className="table">
          <thead>
            <tr>
              <th>{t("setup.stream")}</th><th>{t("setup.codec")}</th><th className="number">{t("video.size")}</th><th className="number">{t("video.fps")}</th>
              <th className="number">{t("setup.keyframe")}</th><th className="number">{t("setup.rate")}</th>{action && <th>{t("setup.change")}</th>}
            </tr>
          </thead>
          <tbody>
            {said.profiles.map((one) => (
              <tr key={one.token}>
                <td dir="auto">{one.name}</td>
                <td>{one.encoder.codec}</td>
                <td className="number"><span className="ltr">{one.encoder.width}×{one.encoder.height}</span></td>
                <td className="number">{one.encoder.fps || "–"}</td>
                <td className="number">{keyframeEvery_s(one) ? t("setup.every_s", { seconds: keyframeEvery_s(one).toFixed(1) }) : "–"}</td>
                <td className="number">{one.encoder.kbps ? <span className="ltr">{one.encoder.kbps} kbit/s</span> : "–"}</td>
                {action && <td>{action(one)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
