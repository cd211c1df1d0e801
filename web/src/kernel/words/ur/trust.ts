import type { Words } from "../en";

export const trust: Pick<Words, "trust" | "factors" | "account" | "roles" | "door"> = {
  trust: {
    sign_in: "سائن اِن", username: "صارف نام", password: "پاس ورڈ", signing: "سائن اِن ہو رہا ہے…",
    wrong: "صارف نام یا پاس ورڈ درست نہیں۔", expired: "آپ کا سیشن ختم ہو گیا",
    expired_hint: "وہیں سے جاری رکھنے کے لیے دوبارہ سائن اِن کریں۔ آپ کا لکھا ہوا محفوظ ہے۔",
    first: "پہلا صارف نام اور پاس ورڈ ڈیٹا فولڈر کی فائل first-sign-in.txt میں ہے۔", sign_out: "سائن آؤٹ",
    current: "موجودہ پاس ورڈ", new: "نیا پاس ورڈ", again: "نیا پاس ورڈ دوبارہ", change: "پاس ورڈ بدلیں", changed: "پاس ورڈ بدل گیا",
    account: "{{name}} کا اکاؤنٹ", too_short: "کم از کم 12 حروف", not_same: "دونوں ایک جیسے نہیں۔", or: "یا",
    oidc: "{{name}} کے ذریعے سائن اِن", one_time: "ایک بار کا پاس ورڈ", set_password: "پاس ورڈ مقرر کریں",
    owed_password: "اپنا پاس ورڈ چنیں",
    owed_password_why: "دیا گیا پاس ورڈ صرف ایک بار چلتا ہے۔ نیا پاس ورڈ کسی اور کو معلوم نہ ہو۔",
    locked: "بہت سی غلط کوششیں۔ اکاؤنٹ دس منٹ کے لیے بند ہے۔", locked_until: "بہت سی غلط کوششیں۔ اکاؤنٹ {{time}} تک بند ہے۔",
  },
  factors: {
    second: "دوسرا ثبوت", code: "چھ ہندسوں کا کوڈ", code_or_recovery: "کوڈ", code_hint: "ایپ کے چھ ہندسے، یا بحالی کا کوڈ۔",
    code_wrong: "یہ کوڈ درست نہیں، یا پہلے استعمال ہو چکا ہے۔", go_on: "آگے", enrol: "دوسرا ثبوت مقرر کریں",
    enrol_why: "آپ کے عہدے کے لیے صرف پاس ورڈ کافی نہیں۔ ابھی ایک چنیں؛ دوسرا بعد میں شامل ہو سکتا ہے۔",
    totp: "تصدیقی ایپ", passkey: "پاس کی", passkeys: "پاس کیز", confirm: "کوڈ کی تصدیق",
    totp_how: "اسے تصدیقی ایپ سے اسکین کریں، پھر ایپ کا کوڈ لکھیں۔", qr: "ایپ کے لیے کوڈ", secret: "یا یہ خفیہ لفظ لکھیں",
    recovery: "بحالی کے کوڈ", recovery_how: "آلہ گم ہو جائے تو ہر کوڈ ایک بار چلتا ہے۔ یہ دوبارہ نہیں دکھائے جائیں گے۔",
    kept: "میں نے محفوظ کر لیے", passkey_sign_in: "پاس کی سے سائن اِن", passkey_cancelled: "کوئی پاس کی استعمال نہیں ہوئی۔",
    passkey_how: "پاس کی اسی آلے یا سیکیورٹی کی پر رہتی ہے۔ نہ بوجھی جا سکتی ہے، نہ کسی کو دی جا سکتی ہے۔",
    passkey_unable: "یہ براؤزر پاس کی استعمال نہیں کر سکتا۔", passkey_name: "پاس کی کا نام",
    passkey_name_hint: "مثلاً: دفتر کی میز، نیلی سیکیورٹی کی۔", passkey_add: "پاس کی شامل کریں",
  },
  account: {
    title: "میرا اکاؤنٹ", proofs: "میری شناخت کے ثبوت", password_about: "کم از کم 12 حروف، جو کسی اور کو معلوم نہ ہوں۔",
    totp_on: "چالو۔ ہر سائن اِن پر کوڈ پوچھا جاتا ہے۔", totp_off: "بند۔ فون کی ایپ کے کوڈ۔",
    passkeys_about: "پاس ورڈ کے بغیر، آلے یا سیکیورٹی کی سے سائن اِن۔", set_up: "مقرر کریں", turn_off: "بند کریں",
    totp_remove: "تصدیقی ایپ بند کریں", passkey_remove_sure: "پاس کی {{name}} ہٹا دیں؟",
    sessions: "میں کہاں سائن اِن ہوں", end_others: "باقی سب ختم کریں", end: "ختم کریں", browser: "براؤزر", address: "پتا",
    method: "ثبوت", began: "سائن اِن", seen: "آخری استعمال", this_one: "یہی",
    methods: { password: "پاس ورڈ", totp: "پاس ورڈ اور کوڈ", passkey: "پاس کی", oidc: "سنگل سائن آن" },
  },
  roles: {
    call_taker: "کال لینے والا", video_operator: "ویڈیو آپریٹر", dispatcher: "ڈسپیچر", supervisor: "نگران",
    responder: "موقع کا اہلکار", investigator: "تفتیش کار", approving_officer: "منظوری دینے والا افسر",
    senior_approving_officer: "سینئر منظوری افسر", auditor: "آڈیٹر", administrator: "منتظم",
  },
  door: {
    refused: "یہ صفحہ آپ کے اکاؤنٹ کے لیے نہیں", refused_hint: "آپ کے عہدے یہاں تک نہیں پہنچتے۔ مرکز سے کچھ نہیں مانگا گیا۔",
    missing: "ایسا کوئی صفحہ نہیں", home: "میرے پہلے صفحے پر",
    not_permitted: "آپ کے اکاؤنٹ کو اس کی اجازت نہیں۔", not_found: "یہ موجود نہیں، یا آپ کے مقامات سے باہر ہے۔",
  },
};
