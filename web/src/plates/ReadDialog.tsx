import { useTranslation } from "react-i18next";
import { Dialog } from "../kernel/Dialog";
import type { Read } from "../kernel/wire";
import { Characters } from "./Characters";
import { PlateChip } from "./PlateChip";
import { ReadFacts } from "./ReadFacts";
import { Crop, ReadPicture } from "./ReadPicture";

interface ReadDialogProps {
  read: Read;
  siteName: (code: string | null) => string;
  onClose: () => void;
}

export function ReadDialog({ read, siteName, onClose }: ReadDialogProps): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <Dialog title={t("plates.details")} onClose={onClose} wide>
      <div className="dialog-body read-dialog">
        <ReadPicture read={read} />
        <div className="read-side">
          <PlateChip plate={read.plate} size="large" />
          <Crop read={read} />
          <Characters read={read.plate} entry="" confidences={read.characters} differences={[]} isPattern={false} />
          <ReadFacts read={read} site={siteName(read.site)} />
        </div>
      </div>
    </Dialog>
  );
}
