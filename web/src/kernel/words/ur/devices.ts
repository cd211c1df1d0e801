import type { devices as words } from "../en/devices";

export const devices: typeof words = {
  devices: {
    sites: "مقامات", title: "آلات", filter: "مقامات چھانٹیں", site: "مقام", state: "حالت", kind: "قسم", name: "نام", code: "کوڈ", since: "کب سے",
    heard: "آخری اطلاع", add: "آلہ شامل کریں", edit: "آلہ {{code}}", none: "ابھی کسی مقام کا کوئی آلہ نہیں۔", none_hint: "منتظم انہیں شامل کرتا ہے؛ وہ HTTP یا MQTT سے اطلاع دیتے ہیں۔",
    no_power: "اس مقام کے بجلی کے کسی آلے سے کبھی اطلاع نہیں آئی۔", now: "اب", eight_hours: "8 گھنٹے", charge: "چارج", load: "بوجھ", left: "باقی وقت",
    left_if: "چلے گی", hours: "{{hours}} گھنٹے", between: "خالی ہونے کا وقت", lost: "ضائع", free: "خالی", crew_until: "عملہ موجود تا",
    capacity: "نئی بیٹری کی گنجائش، Wh", capacity_hint: "اس سے پیش گوئی بیٹری کے استعمال سے پہلے ہی ہو سکتی ہے۔", window: "دروازہ ان دنوں کھل سکتا ہے",
    from: "از", to: "تا", crew: "عملہ مقام پر موجود تا", crew_hint: "اس وقت تک کھلے دروازے کا الارم نہیں۔",
    remove_sure: "{{code}} ہٹا دیں؟ اس کی دی ہوئی اطلاعات رہیں گی۔",
    kinds: { power: "بجلی", door: "دروازہ", tamper: "چھیڑ چھاڑ", link: "رابطہ", disk: "ڈسک" },
    states: {
      mains: "بجلی آ رہی ہے", solar: "شمسی", battery: "بیٹری پر", low: "بیٹری کم", out: "بجلی نہیں", closed: "بند", maintenance: "مرمت", open: "کھلا",
      quiet: "محفوظ", tampered: "چھیڑا گیا", up: "چالو", lossy: "پیکٹ ضائع", down: "منقطع", ok: "ٹھیک", filling: "بھر رہی ہے", full: "بھر گئی", failing: "خراب ہو رہی ہے",
      silent: "خاموش", never: "کبھی اطلاع نہیں",
    },
    verdicts: { met: "8 گھنٹے پورے ہوں گے", short: "8 گھنٹے پورے نہیں ہوں گے", uncertain: "8 گھنٹے یقینی نہیں", unknown: "پیش گوئی نہیں" },
    bases: {
      discharge: "موجودہ استعمال کی پیمائش سے۔ سایہ دار حصہ اس کی حدیں ہیں۔", past: "پچھلے استعمال سے، اگر بجلی ابھی چلی جائے۔",
      load: "بوجھ اور گنجائش سے؛ نچلی حد 70٪ رہ جانے والی بیٹری ہے۔", none: "پیش گوئی کے لیے معلومات کافی نہیں: نہ استعمال دیکھا گیا، نہ گنجائش درج ہے۔",
    },
    days: { mon: "پیر", tue: "منگل", wed: "بدھ", thu: "جمعرات", fri: "جمعہ", sat: "ہفتہ", sun: "اتوار" },
  },
};
