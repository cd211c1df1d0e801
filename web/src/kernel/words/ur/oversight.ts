import type { Words } from "../en";

export const oversight: Pick<Words, "audit" | "retention" | "findings" | "facts" | "report" | "requests"> = {
  audit: {
    title: "آڈٹ", refresh: "تازہ کریں", export: "برآمد", none: "ایسا کچھ نہیں لکھا گیا۔", filters: "اندراج چھانٹیں", actor: "کون", action: "عمل",
    outcome: "نتیجہ", any: "کوئی بھی", plate: "نمبر پلیٹ", authority: "اجازت نامے کی شناخت", show: "دکھائیں", position: "نمبر", details: "تفصیل", written_late: "تاخیر سے",
    outcomes: { allowed: "ہوا", denied: "انکار", failed: "ناکام", begun: "شروع" },
    size_one: "{{count}} اندراج", size_other: "{{count}} اندراجات", signed_to: "{{size}} تک دستخط شدہ", not_signed: "ابھی کوئی دستخط نہیں", no_witness: "کوئی گواہ نہیں",
    late: "{{count}} فائل میں منتظر", diverged: "لاگ پہلے دستخط شدہ حالت کے خلاف ہے", entry: "اندراج {{position}}", leaf: "وہ متن جس کا ہیش بنا",
    same_person: "یہی شخص", same_authority: "یہی اجازت نامہ", same_plate: "یہی پلیٹ", proving: "ثبوت اسی براؤزر میں جانچا جا رہا ہے…",
    signed_soon: "ابھی کوئی دستخط اس اندراج تک نہیں پہنچا۔ ہر منٹ ایک ہوتا ہے۔", proven: "اس براؤزر نے ثابت کیا", not_proven: "یہ اندراج ثابت نہیں",
    path_good: "اس کے ہیش {{size}} دستخط شدہ اندراجات کی جڑ تک پہنچتے ہیں۔", path_bad: "اس کے ہیش {{size}} دستخط شدہ اندراجات کی جڑ تک نہیں پہنچتے۔",
    signature_good: "چیک پوائنٹ کے Ed25519 دستخط درست ہیں۔", signature_bad: "چیک پوائنٹ کے دستخط درست نہیں۔",
    signature_unable: "یہ براؤزر Ed25519 دستخط نہیں جانچ سکتا؛ کہیں اور موازنہ کریں۔",
    key_same: "اسی کلید سے دستخط جو اس براؤزر نے پہلے دیکھی تھی۔", key_other: "پہلے دیکھی گئی کلید سے مختلف کلید۔ وجہ پوچھیں۔",
  },
  retention: {
    title: "مدتِ محفوظگی", part_classes: "اقسام", part_holds: "قانونی روک", part_receipts: "رسیدیں", class: "ریکارڈ کی قسم", days: "دن", bounds: "حدود",
    held: "قانونی روک", is_held: "کچھ زیادہ دیر", change: "بدلیں", reason: "وجہ", between: "{{least}} اور {{most}} کے درمیان",
    sooner: "اس سے پرانے ریکارڈ اگلی بار حذف ہو جائیں گے۔ واپسی ممکن نہیں۔", place: "روک لگائیں", no_hold: "کوئی قانونی روک نہیں۔",
    hold_about: "فعال اجازت نامے کے تحت کیس کی ضرورت کی چیزیں مدت کے بعد بھی رہتی ہیں۔ روک کوئی اور اٹھاتا ہے۔", what: "کیا رہے گا", window: "وقت",
    placed_by: "لگانے والا", review_at: "نظرثانی تک", review: "نظرثانی", release: "روک اٹھائیں", released: "{{name}} نے اٹھائی", overdue: "نظرثانی میں تاخیر", holds: "قائم",
    own_hold: "آپ کی لگائی ہوئی روک کوئی اور اٹھائے گا۔", review_title: "{{case}} کی روک پر نظرثانی", next_review: "اگلی نظرثانی",
    release_title: "{{case}} کی روک اٹھائیں", release_about: "جس کی مدت گزر چکی وہ اگلی بار حذف ہو جائے گا۔", plates_hidden_one: "{{count}} پلیٹ",
    plates_hidden_other: "{{count}} پلیٹیں", needs_authority: "آپ کے پاس روک کے لیے کوئی فعال اجازت نامہ نہیں۔", no_receipt: "ابھی کچھ حذف نہیں ہوا۔",
    receipt_about: "ہر حذف کی دستخط شدہ رسید یہاں رہتی ہے۔", removed: "حذف", kept: "باقی", digest: "شناختوں کا ہیش", receipt: "رسید {{number}}",
    blobs: "{{count}} فائلیں، {{size}}", partitions: "حذف شدہ روزانہ جدول",
    classes: {
      reads: "بغیر مطابقت ریڈ", hits: "مطابقت والے ریڈ", pictures: "بے ریکارڈ تصاویر", clips: "کلپ", alarms: "الارم", refused_observations: "رد شدہ مشاہدات",
      failed_deliveries: "چھوڑے گئے واقعات", outbox: "نمٹائے گئے واقعات", sessions: "ختم شدہ سیشن", documents: "اجازت ناموں کی دستاویزات", public_requests: "عوام کی درخواستیں", audit: "آڈٹ لاگ",
    },
  },
  findings: {
    title: "شبہات", states: { open: "کھلے", reviewed: "جانچے گئے", all: "سب" }, facts: "حقائق", none: "یہاں کوئی شبہ نہیں۔", none_hint: "نظام ہر رات لاگ دیکھتا ہے۔",
    detector: "کیا لگتا ہے", who: "کون", what: "کیا", entries: "اندراجات", found: "ملا", open: "کھلا", decisions: { explained: "وضاحت ہو گئی", referred: "کارروائی کے لیے بھیجا" },
    behind: "اس کے پیچھے اندراجات", review: "آپ کا نتیجہ", note: "آپ نے کیا معلوم کیا", send: "درج کریں", detectors: {
      repeated_target: "بار بار ایک ہی ہدف", own_vehicle: "اپنی یا گھر کی گاڑی", colleagues_vehicle: "ساتھی کی گاڑی", lone_after_hours: "وقت کے بعد اکیلے",
      off_shift: "شفٹ سے باہر", copied_reasons: "نقل شدہ وجوہات", sensitive_place: "عبادت گاہ یا احتجاج", bulk_export: "بڑی برآمد",
    },
  },
  facts: {
    shifts: "شفٹیں", shifts_about: "CSV جس میں کالم username, start, end ہوں۔ ان اوقات سے باہر کا کام دیکھا جاتا ہے۔", vehicles: "ظاہر کردہ گاڑیاں",
    vehicles_about: "وہ پلیٹیں جو کسی نے ظاہر کی ہیں۔ اپنی گاڑی کی تلاش پکڑی جاتی ہے۔", choose_person: "شخص چنیں", own: "اپنی", household: "گھر کی", saved: "محفوظ",
    places: "حساس مقامات", places_about: "عبادت گاہیں اور احتجاج، جنہیں صرف نامزد گاڑی کے لیے دیکھا جا سکتا ہے۔", add_place: "مقام شامل کریں", kind: "قسم",
    kinds: { worship: "عبادت", protest: "احتجاج", other: "دیگر" }, draw: "علاقہ بنانے کے لیے نقشے پر گھسیٹیں۔",
  },
  report: {
    title: "شفافیت کی رپورٹ", first: "پہلا مہینہ", last: "آخری مہینہ", printable: "چھپائی کے لیے", download: "مستند JSON", total: "کل", row: "قسم",
    suppressed: "کسی مہینے میں {{count}} سے کم تعداد نہیں دکھائی جاتی تاکہ کوئی شخص پہچانا نہ جائے۔",
    draft: "یہ مدت ابھی ختم نہیں ہوئی: اعداد بدلیں گے۔ اشاعت کے لیے نہیں۔", counted: "آڈٹ لاگ کے پہلے {{size}} اندراجات سے شمار کیا گیا، جن کی جڑ یہ ہے:",
    at_least: "کم از کم {{count}}", few: "چند یا کوئی نہیں", tables: {
      searches: "گاڑیوں کی تلاش، مقصد کے لحاظ سے", authorities: "اجازت نامے، مقصد اور مرحلے کے لحاظ سے", denials: "نظام نے انکار کیا", hot_list: "مطلوبہ گاڑیاں",
      hits: "ریکارڈ سے ملائی گئی نشاندہیاں", deletions: "مدت پوری ہونے پر حذف", misuse: "عملے کا ممکنہ غلط استعمال", requests: "درخواستیں اور شکایات، مرحلے کے لحاظ سے",
    },
    names: {
      searches: "تلاش", plates: "نمبر پلیٹ", video: "ویڈیو", alarms: "الارم", city: "مقامات اور کیمرے", trust: "اکاؤنٹ اور نگرانی", other: "دیگر", added: "شامل", ended: "ختم",
      confirmed: "درست", rejected: "غلط", reads: "ریڈ", clips: "کلپ", found: "نظام نے پایا", explained: "جانچا: وضاحت ہو گئی", referred: "جانچا: کارروائی کے لیے بھیجا",
      access: "اپنی معلومات تک رسائی", complaint: "شکایت", received: "موصول", verified: "تصدیق شدہ", answered: "جواب دیا", refused: "انکار", appealed: "اپیل", upheld: "اپیل منظور",
      dismissed: "اپیل مسترد", requested: "درخواست", declared: "ہنگامی", active: "فعال", revoked: "منسوخ", withdrawn: "واپس", expired: "میعاد ختم", sealed: "مہر بند",
    },
  },
  requests: {
    title: "عوام کی درخواستیں", appeals: "اپیلیں", add: "درخواست لیں", none: "یہاں کوئی درخواست نہیں۔", no_appeal: "کوئی اپیل منتظر نہیں۔", reference: "حوالہ", kind: "قسم",
    received: "موصول", due: "آخری تاریخ", overdue: "تاخیر", contact: "رابطہ", text: "کیا مانگا گیا", plate_hint: "اگر کسی گاڑی کے بارے میں ہو", take: "وصول کریں",
    taken: "درخواست وصول ہو گئی", give_reference: "یہ حوالہ شخص کو دیں:", step_text: "کیا ملا، یا کیوں", own: "جواب آپ نے دیا تھا: اپیل کا فیصلہ کوئی اور کرے گا۔",
    kinds: { access: "اپنی معلومات تک رسائی", complaint: "شکایت" },
    states: { received: "موصول", verified: "تصدیق شدہ", answered: "جواب دیا", refused: "انکار", appealed: "اپیل", upheld: "اپیل منظور", dismissed: "اپیل مسترد" },
    steps: { verify: "شناخت ثابت", answer: "جواب", refuse: "انکار", appeal: "اپیل", uphold: "اپیل منظور", dismiss: "اپیل مسترد" },
  },
};
