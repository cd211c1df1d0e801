import type { Words } from "../en";

export const authority: Pick<Words, "authorities" | "asking" | "purposes" | "under"> = {
  authorities: {
    title: "اجازت نامے", waiting_one: "{{count}} فیصلے کا منتظر", waiting_other: "{{count}} فیصلے کے منتظر",
    list: "کون سے", lists: { open: "منتظر", active: "فعال", ended: "ختم شدہ", all: "سب" }, mine: "صرف میرے", request: "اجازت مانگیں",
    none: "یہاں کوئی اجازت نامہ نہیں۔", none_open: "کوئی فیصلے کا منتظر نہیں۔", choose: "فہرست سے ایک اجازت نامہ چنیں۔",
    number: "نمبر", purpose: "مقصد", case: "کیس", state: "حالت", by: "درخواست گزار", at: "درخواست", ends: "اختتام", grounds: "وجوہات",
    states: {
      requested: "منتظر", active: "فعال", refused: "نامنظور", revoked: "منسوخ", withdrawn: "واپس لیا گیا", expired: "ختم", sealed: "مہر بند",
    },
    emergency: "ہنگامی", emergency_open: "ہنگامی، ابھی منظور نہیں", beyond: "90 دن سے پرانا",
    beyond_long: "یہ اس مدت سے پیچھے جاتا ہے جو عہدے کو خود حاصل ہے۔ فیصلہ سینئر منظوری افسر کرے گا۔",
    emergency_long: "فوراً لاگو، زیادہ سے زیادہ 24 گھنٹے۔ تب تک منظور نہ ہوا یا نامنظور ہوا تو اس کے تحت ملنے والا سب مہر بند ہو جائے گا۔",
    scope: "کیا دیکھا جا سکتا ہے", plates: "نمبر پلیٹ", every_plate: "ہر پلیٹ", cameras: "کیمرے", every_camera: "ہر کیمرہ", sites: "مقامات",
    area: "علاقہ", area_drawn: "نقشے پر کھینچا گیا", time: "پڑھنے کا وقت", any_time: "کوئی بھی وقت", from: "از", to: "تا", for_what: "کس لیے",
    uses: { search: "تلاش", entry: "فہرست کے اندراج", export: "ریکارڈنگ کا اخراج" }, expires: "میعاد",
    reach: "کیا تلاش کے قابل ہو جائے گا", reach_reads: "ریڈ", reach_plates: "گاڑیاں", reach_cameras: "کیمرے", reach_days: "دن",
    reach_estimate: "مصروف ترین دنوں سے اندازہ۔", reach_in: "دائرے میں", reach_out: "دائرے سے باہر", reach_none: "اس دائرے میں کوئی کیمرہ نہیں۔",
    document: "دستاویز", open_document: "کھولیں", download: "ڈاؤن لوڈ", hash: "SHA-256 ہیش", hash_good: "دستاویز کا ہیش یہی ہے۔",
    hash_bad: "دستاویز کا ہیش یہ نہیں۔ منظور نہ کریں۔", hash_checking: "ہیش جانچا جا رہا ہے…",
    history: "سرگزشت", changes: {
      requested: "درخواست", declared: "ہنگامی قرار دیا", approved: "منظور", refused: "نامنظور", revoked: "منسوخ", withdrawn: "واپس لیا",
      expired: "میعاد ختم", sealed: "مہر بند", replaced: "تبدیل",
    },
    by_time: "خود بخود", approve: "منظور کریں", refuse: "نامنظور", revoke: "منسوخ کریں", withdraw: "واپس لیں", again: "دوسرے دائرے کے ساتھ دوبارہ مانگیں",
    replaces: "نمبر {{number}} کی جگہ", own: "یہ آپ نے خود مانگا ہے: فیصلہ کوئی اور کرے گا۔", needs_strong: "فیصلے کے لیے دوسرے ثبوت کے ساتھ سائن اِن کریں۔",
    needs_senior: "اسے صرف سینئر منظوری افسر منظور کر سکتا ہے۔", reason: "وجہ",
    ask_approve: "اجازت نامہ {{number}} منظور کریں", ask_refuse: "اجازت نامہ {{number}} نامنظور کریں", ask_revoke: "اجازت نامہ {{number}} منسوخ کریں",
    ask_withdraw: "اجازت نامہ {{number}} واپس لیں", search_with: "اس کے تحت تلاش",
  },
  asking: {
    title: "اجازت کی درخواست", case_hint: "ایف آئی آر، وارنٹ یا حکم نمبر", grounds_hint: "اس کیس کے لیے یہی کیوں۔ کم از کم 10 حروف۔",
    document_hint: "PDF، JPEG یا PNG، زیادہ سے زیادہ 10 MiB۔ اس کا ہیش درخواست کے ساتھ رہتا ہے۔", choose_file: "دستاویز چنیں", uploading: "بھیجی جا رہی ہے…",
    plates_hint: "ہر سطر میں ایک۔ ? ایک حرف کے لیے، * کتنے بھی حروف کے لیے۔", no_plates: "کسی علاقے اور وقت کی ہر پلیٹ",
    no_plates_hint: "صرف تلاش کے لیے: کیمرے یا علاقہ، اور وقت کے دونوں سرے بتانا ضروری ہے۔", where: "کہاں", whole_city: "پورا شہر",
    since_hint: "خالی: جہاں تک آپ کا عہدہ پہنچتا ہے", emergency: "یہ ہنگامی صورت ہے",
    send: "درخواست بھیجیں", send_emergency: "ہنگامی قرار دیں", expires_hint: "زیادہ سے زیادہ 90 دن", draw_hint: "نقشے پر وہ علاقہ کھینچیں جس میں تلاش ہو۔",
    preview: "اس دائرے کے کیمرے", step_case: "کیس", step_scope: "دائرہ", step_time: "وقت",
  },
  purposes: {
    stolen_vehicle: "چوری شدہ گاڑی", wanted_vehicle: "مطلوب گاڑی", warrant: "وارنٹ گرفتاری", missing_person: "لاپتا شخص", kidnapping: "اغوا",
    terrorism: "دہشت گردی", hit_and_run: "ٹکر مار کر فرار", robbery: "ڈکیتی", homicide: "قتل", narcotics: "منشیات", court_order: "عدالتی حکم",
    protection: "خطرے سے دوچار شخص کا تحفظ", traffic_offence: "ٹریفک کی خلاف ورزی", misuse_inquiry: "غلط استعمال کی تحقیق", subject_access: "متعلقہ شہری کی درخواست",
  },
  under: {
    label: "اجازت نامہ", none_title: "تلاش کے لیے فعال اجازت نامہ چاہیے", none_hint: "اس میں کیس، پلیٹیں اور وقت درج ہوتا ہے، اور منظوری کوئی اور دیتا ہے۔",
    choose: "اجازت نامہ چنیں", choose_hint: "آپ جو دیکھیں گے اسی کے تحت لکھا جائے گا۔", waiting: "آپ کی درخواستیں منتظر ہیں۔ منظوری ملتے ہی تلاش کر سکیں گے۔",
    limits: "حدود", ended: "اجازت نامہ ختم ہو گیا۔ دوسرا چنیں۔", 
    needed: "دوسری جگہیں اس اجازت نامے کے تحت دکھائی جاتی ہیں جو اس پلیٹ کا احاطہ کرے۔", entry_needed: "اندراج کے لیے پلیٹ کا احاطہ کرنے والا فعال اجازت نامہ چاہیے۔",
    until: "{{time}} تک",
  },
};
