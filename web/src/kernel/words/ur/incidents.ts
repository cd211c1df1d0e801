import type { incidents as en } from "../en/incidents";

export const incidents: typeof en = {
  incidents: {
    title: "واقعات", incident: "واقعہ", one: "واقعہ {{number}}", open: "واقعہ درج کریں", none: "یہاں کوئی واقعہ نہیں۔", none_hint: "خود درج کریں یا کسی الارم سے۔",
    number: "نمبر", what: "کیا ہوا", kind: "قسم", state: "حالت", where: "کہاں", by: "کس نے", opened: "درج ہوا", camera: "کیمرا", choose: "کیمرا چنیں",
    text: "کیا معلوم ہے", reason: "وجہ", reopen: "دوبارہ کھولیں", timeline: "روداد", note: "نوٹ لکھیں",
    lists: { open: "کھلے", resolved: "حل شدہ", closed: "بند" },
    states: { new: "نیا", in_progress: "جاری", on_scene: "موقع پر", resolved: "حل شدہ", closed: "بند" },
    kinds: { vehicle: "گاڑی", road: "سڑک", crime: "جرم", fire: "آگ", medical: "طبی", public_order: "امنِ عامہ", other: "دیگر" },
    steps: { started: "تعاقب شروع", seen: "یہاں دیکھا", not_seen: "نظر نہیں آیا", lost: "گم ہو گیا", opened: "دیکھا گیا", undone: "واپس لیا", ended: "تعاقب ختم" },
    pursuits: { tracking: "تعاقب جاری", lost: "گم", ended: "ختم" },
    pursuit: "تعاقب", pursue: "کیمرا بہ کیمرا تعاقب",
    pursue_hint: "مرکز سڑکوں کے حساب سے اگلے کیمرے پیش کرتا ہے۔ پہچان آپ کی ہے؛ کسی تصویر کا تجزیہ نہیں ہوتا۔",
    pursuit_over: "تعاقب ختم ہوا؛ {{count}} مشاہدات کا سراغ روداد میں محفوظ ہے۔",
    seen_at_camera: "کس کیمرے پر دیکھا", seen_at: "تصویر کا وقت", seen_now: "خالی: نیچے کی براہِ راست تصویر کا", moment: "لمحہ", live: "براہِ راست", recorded: "ریکارڈنگ", no_picture: "{{name}} کی کوئی تصویر سکرین پر نہیں، اس لیے وہاں کچھ نہیں دیکھا گیا۔", start: "تعاقب شروع کریں", not_open: "تعاقب کے لیے واقعہ دوبارہ کھولیں۔",
    person_looks: "پہچان آپ کی ہے؛ مرکز صرف کیمرے پیش کرتا ہے۔", straight_line: "سڑکیں درج نہیں: سیدھے فاصلے سے قریب ترین", undo: "واپس لیں", end: "تعاقب ختم کریں",
    last_seen: "آخری بار یہاں", nothing_next: "یہاں سے وقت پر کوئی کیمرا نہیں آتا۔", open_camera: "{{name}} بڑا کریں",
    direct: "اگلا", in_s: "{{count}} سیکنڈ میں", left_s: "{{count}} سیکنڈ باقی", past: "وقت گزر گیا", trail: "سراغ", kmh: "≥ {{count}} کلومیٹر فی گھنٹہ",
    kmh_hint: "پچھلے مشاہدے سے سیدھا فاصلہ۔ صرف یہ بتاتا ہے کہ ممکن ہے یا نہیں، یہ نہیں کہ کون تھا۔",
  },
};
