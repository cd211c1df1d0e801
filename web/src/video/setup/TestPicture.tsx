import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import { ProblemNotice } from "../../kernel/Notice";
import { takePicture, type PictureOf } from "./asking";

/** One picture as it comes from the camera now. */
export function TestPicture({ of, label }: { of: PictureOf | null; label: string }): React.JSX.Element {
  const { t } = useTranslation();
  const taking = useMutation({ mutationFn: takePicture });
  const { data } = taking;
  useEffect(() => () => {
    if (data) URL.revokeObjectURL(data);
  }, [data]);
  return (
    <div className="test-picture">
      <button type="button" className="button small" disabled={of === null || taking.isPending} onClick={() => of && taking.mutate(of)}>
        <Icon name="camera" />{taking.isPending ? t("setup.taking") : label}
      </button>
      <div aria-live="polite">
        <ProblemNotice error={taking.error} />
        {data && <img src={data} alt={t("setup.picture_alt")} />}
      </div>
    </div>
  );
}
