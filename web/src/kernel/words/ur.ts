import type { Words } from "./en";
import { accounts } from "./ur/accounts";
import { authority } from "./ur/authority";
import { devices } from "./ur/devices";
import { health } from "./ur/health";
import { incidents } from "./ur/incidents";
import { oversight } from "./ur/oversight";
import { playback } from "./ur/playback";
import { setup } from "./ur/setup";
import { trust } from "./ur/trust";
import { keeping } from "./ur/keeping";
import { wall } from "./ur/wall";

export const ur: Words = {
  app: { name: "امان", tagline: "شہر کا کمانڈ سینٹر", loading: "لوڈ ہو رہا ہے…" },
  nav: {
    incidents: "واقعات", wall: "دیوار", watch: "نگرانی", health: "صحت", map: "نقشہ", search: "تلاش", hotlist: "مطلوبہ فہرست", authorities: "اجازت نامے", cameras: "کیمرے",
    playback: "ریکارڈنگ", sites: "مقامات", accounts: "اکاؤنٹ", audit: "آڈٹ", findings: "شبہات", requests: "درخواستیں", retention: "مدتِ محفوظگی",
    report: "رپورٹ", account: "میرا اکاؤنٹ", main: "مرکزی",
  },
  action: {
    save: "محفوظ کریں", cancel: "منسوخ", close: "بند کریں", retry: "دوبارہ کوشش", 
    clear: "صاف کریں", more: "مزید", import: "CSV درآمد", export: "CSV برآمد",
    load_more: "مزید لائیں", rows_one: "{{count}} سطر", rows_other: "{{count}} سطریں", remove: "ہٹائیں", copy: "نقل کریں",
  },
  unit: { s: "سیکنڈ", min: "منٹ", h: "گھنٹے", d: "دن" },
  time: { local: "کراچی", never: "کبھی نہیں", open_end: "بلا اختتام" },
  live: { live: "براہِ راست", connecting: "رابطہ ہو رہا ہے", reconnecting: "{{time}} سے دوبارہ رابطہ" },
  status: {
    bar: "نظام کی حالت", cameras_up: "{{count}} چالو", cameras_down: "{{count}} بند",
    cameras_other: "{{count}} دیگر", workers: "{{up}}/{{count}} ورکر", health_ok: "مرکز درست",
    health_degraded: "مرکز کمزور", health_failing: "مرکز ناکام", health_unknown: "مرکز خاموش",
    cameras: "کیمرے",
  },
  theme: { dark: "تاریک رنگ", light: "روشن رنگ", },
  language: { switch: "English", switch_long: "انگریزی میں دیکھیں" },
  sound: { mute: "آواز بند کریں", unmute: "آواز چالو کریں" },
  bar: {
    open: "تلاش یا حکم", placeholder: "نمبر پلیٹ، صفحہ یا حکم لکھیں", none: "کچھ نہیں ملا",
    title: "کمانڈ بار", search_plate: "نمبر {{plate}} تلاش کریں", near_plate: "{{plate}} سے ملتے نمبر تلاش کریں",
    go: "{{page}} پر جائیں", camera: "کیمرہ {{code}} دکھائیں", alarm: "الارم {{plate}} کھولیں",
    shortcuts: "کی بورڈ شارٹ کٹ", sign_out: "سائن آؤٹ", password: "پاس ورڈ بدلیں", group_go: "صفحات",
    group_plate: "نمبر پلیٹ", group_alarms: "الارم", group_cameras: "کیمرے", group_settings: "ترتیبات",
  },
  keys: {
    title: "کی بورڈ شارٹ کٹ", anywhere: "ہر جگہ", queue: "الارم کی قطار", alarm: "کھلا الارم",
    table: "جدول", command: "کمانڈ بار", sheet: "یہ فہرست", go: "{{page}} پر جائیں", next: "اگلا",
    previous: "پچھلا", open: "کھولیں", acknowledge: "وصول کریں", fresh: "نئے الارم دکھائیں",
    confirm: "تصدیق", reject: "رد", picture: "تصویر بڑی کریں", play: "کلپ چلائیں یا روکیں",
    step: "ایک فریم آگے پیچھے", locate: "نقشے پر دکھائیں", close: "بند کریں", sound: "آواز چالو یا بند",
    theme: "تاریک یا روشن",
  },
  problem: {
    title: "یہ نہ ہو سکا", unreachable: "مرکز جواب نہیں دے رہا۔ دوبارہ کوشش کریں۔", code: "کوڈ {{code}}",
    conflict: "کسی اور نے اسے پہلے بدل دیا۔ تازہ حالت دکھائی گئی ہے۔",
  },
  ...trust,
  playback,
  ...setup,
  ...accounts,
  ...authority,
  ...incidents,
  ...oversight,
  ...wall,
  ...keeping,
  ...devices,
  ...health,
  city: {
    map: "مقامات اور کیمروں کا نقشہ", zoom_in: "قریب", zoom_out: "دور", whole: "پورا شہر", legend: "علامات",
    path: "پہلے دیکھے جانے کی جگہیں", alarm: "کھلا الارم", draw: "علاقہ کھینچیں",
    drawing: "نقشے پر گھسیٹیں", no_map: "اس براؤزر میں نقشہ نہیں بن سکتا۔",
    state: { up: "چالو", warn: "رکا ہوا", down: "بند", off: "روک دیا گیا", unknown: "نامعلوم" },
    
  },
  video: {
    title: "کیمرے", filter: "کیمرے چھانٹیں", state: "حالت", name: "نام", site: "مقام",
    reason: "وجہ", since: "کب سے", fps: "فریم/سیکنڈ", size: "تصویر", last: "آخری فریم", skipped: "چھوڑے گئے",
    reconnects: "دوبارہ رابطے", worker: "ورکر", offset: "گھڑی کا فرق", address: "پتا",
    bearing: "رخ، شمال سے درجے", lon: "طول بلد", lat: "عرض بلد", enabled: "فعال", read_plates: "پلیٹ پڑھے",
    analysis_fps: "تجزیہ فریم/سیکنڈ", add: "کیمرہ شامل کریں", edit: "کیمرہ {{code}}",
    empty: "ابھی کوئی کیمرہ نہیں۔ شامل کریں یا فہرست درآمد کریں۔", none: "کوئی کیمرہ نہیں ملا۔", code: "کوڈ",
    all: "تمام حالتیں", workers: "ورکر", spool_pending: "{{count}} سپول میں منتظر",
    address_hint: "rtsp://، http:// یا فائل۔ پاس ورڈ مہر بند رہتا ہے اور دوبارہ نہیں دکھایا جاتا۔",
    address_keep: "موجودہ پتا رکھنے کے لیے خالی چھوڑیں۔", remove: "کیمرہ ہٹائیں",
    remove_sure: "{{code}} ہٹا دیں؟ اس کی پڑھی گئی پلیٹیں رہیں گی۔",
    states: { starting: "شروع ہو رہا ہے", up: "چالو", stalled: "رکا ہوا", down: "بند", stopped: "روک دیا گیا", unknown: "نامعلوم" },
    clip: "کلپ", clip_wanted: "کلپ تیار ہو رہا ہے۔", clip_unavailable: "کلپ نہیں: {{reason}}",
    clip_expired: "کلپ مدت پوری ہونے پر حذف ہو گیا۔", clip_none: "کلپ نہیں مانگا گیا۔", clip_error: "کلپ یہاں نہیں چل سکتا۔", play: "چلائیں", pause: "روکیں",
    moment: "پڑھنے کا لمحہ", speed: "رفتار", step_back: "ایک فریم پیچھے", step_on: "ایک فریم آگے",
    to_moment: "اس لمحے پر", position: "کلپ میں جگہ",
  },
  plates: {
    plate: "نمبر پلیٹ", plate_hint: "BGC771, LE?17*, …", exact: "عین", pattern: "نمونہ", near: "قریب", match: "مطابقت",
    cameras: "کیمرے", any_camera: "کوئی بھی کیمرہ", cameras_count_one: "{{count}} کیمرہ",
    cameras_count_other: "{{count}} کیمرے", area: "علاقہ", no_area: "پورا شہر", area_set: "علاقہ منتخب", from: "از",
    to: "تا", search: "تلاش", results: "نتائج", none: "ایسا کچھ نہیں پڑھا گیا۔",
    ask_first: "نمبر پلیٹ لکھیں اور تلاش کریں۔", none_hint: "قریبی مطابقت، ? اور * والا نمونہ، یا زیادہ وقت آزمائیں۔", more: "مزید لائیں", end: "نتائج ختم",
    count_one: "{{count}} ریڈ", count_other: "{{count}} ریڈ", time: "وقت", camera: "کیمرہ", site: "مقام",
    confidence: "اعتماد", crop: "تراشہ", picture: "تصویر", no_picture: "تصویر نہیں",
    picture_failed: "تصویر دستیاب نہیں۔", picture_coming: "تصویر آ رہی ہے۔", enlarge: "تصویر بڑی کریں", read: "پڑھا گیا", entry: "اندراج",
    reading: "کیا پڑھا گیا", box: "تصویر میں پلیٹ", frames: "{{frames}} میں سے {{agreeing}} فریم متفق",
    uncertain: "غیر یقینی", direction: "سمت", history: "اس پلیٹ کی پہلی جگہیں", history_none: "کہیں اور نہیں دیکھی گئی۔",
    this_one: "یہی", raw: "خام متن", received: "وصول", observed: "دیکھا گیا", place: "جگہ",
    clock_off: "کیمرے کی گھڑی میں {{seconds}} سیکنڈ کا فرق", latest: "ابھی گزرنے والی",
    latest_none: "ابھی کوئی گاڑی نہیں گزری۔", all_history: "تمام جگہیں",
    pattern_help: "? ایک حرف کے لیے، * کتنے بھی حروف کے لیے", approaching: "آتی ہوئی", receding: "جاتی ہوئی",
    confidence_of: "{{character}}: {{percent}}%", clear_area: "علاقہ ہٹائیں", select_all: "سب",
    filter_cameras: "کیمرے چھانٹیں", details: "ریڈ کی تفصیل",
  },
  hotlist: {
    title: "مطلوبہ فہرست", filter: "پلیٹ، کیس یا وجہ", active: "فعال", expired: "ختم شدہ", all: "سب", state: "حالت",
    add: "اندراج شامل کریں", edit: "اندراج {{plate}}", plate: "پلیٹ یا نمونہ", kind: "قسم",
    reason: "وجہ", category: "زمرہ", severity: "شدت", case: "کیس",
    instructions: "ہدایات", from: "مؤثر از", until: "مؤثر تا", by: "درج کنندہ", at: "درج شدہ", end: "اندراج ختم کریں",
    end_sure: "{{plate}} ابھی ختم کریں؟ الارم فوراً رک جائیں گے۔", ended: "ختم",
    empty: "فہرست خالی ہے۔ اندراج شامل کریں یا درآمد کریں۔", none: "کوئی اندراج نہیں ملا۔", required: "ضروری",
    columns: "کالم: plate, kind, reason, category, severity, case_ref, instructions, valid_from, valid_until",
    categories: { stolen: "چوری شدہ", wanted: "مطلوب", missing_person: "لاپتا شخص", security: "سیکیورٹی", other: "دیگر" },
    import_title: "{{name}} کی درآمد", choose_file: "فائل چنیں", export_about: "ایک اجازت نامے کے تحت درج اندراج۔", authority: "اجازت نامہ", accepted_one: "{{count}} سطر لی گئی", accepted_other: "{{count}} سطریں لی گئیں",
    rejected_one: "{{count}} سطر رد ہوئی", rejected_other: "{{count}} سطریں رد ہوئیں", line: "سطر", column: "کالم",
    row: "متن", import_clean: "کوئی سطر رد نہیں ہوئی۔",
  },
  alarms: {
    queue: "الارم", open: "کھلے", decided: "فیصلہ شدہ", empty: "کوئی کھلا الارم نہیں۔",
    empty_decided: "ابھی کوئی فیصلہ نہیں ہوا۔", empty_hint: "نئے الارم خود یہاں آ جائیں گے۔",
    new_one: "{{count}} نیا", new_other: "{{count}} نئے", verify: "جانچیں", late: "{{span}} تاخیر",
    verify_long: "قریبی مطابقت: ایک حرف مختلف ہے۔ غور سے ملائیں۔", repeat: "{{count}} بار دیکھی گئی", raised: "اٹھا",
    acknowledged_by: "{{name}} نے وصول کیا", decided_by: "{{name}} نے فیصلہ کیا", choose: "ایک الارم چنیں",
    choose_hint: "j اور k سے چلیں، Enter سے کھولیں۔", announce: "{{severity}} الارم: {{plate}}، {{site}}",
    compare: "فیصلے سے پہلے موازنہ کریں", record: "مطابق اندراج", decide: "فیصلہ", confirm: "تصدیق", reject: "رد",
    confirm_title: "تصدیق: یہی گاڑی ہے", reject_title: "رد: یہ وہ نہیں", why: "وجہ", other_reason: "اپنے الفاظ میں",
    send_confirm: "تصدیق کریں", send_reject: "رد کریں", wait_picture: "پہلے تصویر دیکھنا ضروری ہے۔",
    no_picture_rule: "تصویر نہیں ہے۔ بتائیں کہ آپ نے کیسے یقین کیا۔", never_alone: "صرف مطابقت کارروائی کی بنیاد نہیں۔",
    valid: "مؤثر {{from}} تا {{until}}", no_instructions: "کوئی ہدایات نہیں۔", decided_at: "فیصلہ", cost: "لاگت {{cost}}",
    states: { raised: "نیا", acknowledged: "زیرِ غور", confirmed: "تصدیق شدہ", rejected: "رد شدہ", cleared: "صاف" },
    severities: { critical: "انتہائی", high: "سنگین", medium: "درمیانہ", low: "کم" },
    about: { plate_match: "پلیٹ کی مطابقت", integrity: "متضاد معلومات", camera: "کیمرہ", site: "تاریک مقام", device: "مقام کا آلہ" },
    kinds: { exact: "عین مطابقت", near: "قریبی مطابقت", pattern: "نمونے سے مطابقت" },
    confirm_reasons: {
      all: "تمام حروف تصویر سے ملتے ہیں", vehicle: "پلیٹ اور گاڑی دونوں اندراج سے ملتے ہیں", clip: "کلپ سے تصدیق ہوئی",
    },
    reject_reasons: {
      misread: "غلط پڑھا گیا: تصویر میں اور پلیٹ ہے", vehicle: "اندراج سے مختلف گاڑی", unreadable: "تصویر پڑھی نہیں جا سکتی",
      entry: "اندراج پرانا ہے",
    },
    gone: "یہ الارم اب موجود نہیں۔", tab_queue: "قطار", tab_map: "نقشہ", tab_detail: "تفصیل", locate: "نقشے پر دکھائیں",
    position_of: "{{count}} میں سے {{index}}",
  },
};
