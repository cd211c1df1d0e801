import type { Words } from "../en";

export const accounts: Pick<Words, "accounts" | "groups"> = {
  accounts: {
    title: "اکاؤنٹ", part_accounts: "اکاؤنٹ", part_groups: "مقامات کے گروہ", filter: "نام یا صارف نام", add: "اکاؤنٹ شامل کریں",
    none: "کوئی اکاؤنٹ نہیں ملا۔", name: "نام", grants: "عہدے", state: "حالت", active: "فعال", disabled: "غیر فعال", locked: "بند", fresh: "پہلا پاس ورڈ",
    no_factor: "کوئی نہیں", passkeys_one: "{{count}} پاس کی", passkeys_other: "{{count}} پاس کیز", role: "عہدہ", where: "کہاں کے لیے",
    everywhere: "ہر جگہ", add_role: "عہدہ شامل کریں", alone: "منتظم اور آڈیٹر کے ساتھ کوئی اور عہدہ نہیں: جو نگرانی کرے وہ کام نہیں چلاتا۔",
    username_hint: "چھوٹے انگریزی حروف، ہندسے، نقطہ اور ڈیش۔", create: "اکاؤنٹ بنائیں", one_time_for: "{{username}} کا پہلا پاس ورڈ:",
    one_time_once: "یہ ایک بار دکھایا جاتا ہے اور ایک بار چلتا ہے۔ خود ہاتھ میں دیں؛ پہلے سائن اِن پر نیا چننا ہوگا۔",
    handed_over: "میں نے دے دیا", is_disabled: "یہ اکاؤنٹ غیر فعال ہے۔ اس سے کوئی سائن اِن نہیں کر سکتا۔", enable: "فعال کریں", disable: "غیر فعال کریں",
    reset: "سائن اِن نئے سرے سے", reset_sure: "{{username}} کو ایک بار کا نیا پاس ورڈ دیں؟ دوسرے ثبوت ہٹ جائیں گے اور تمام سیشن ختم ہوں گے۔",
    own: "کوئی اپنے عہدے خود نہیں بدلتا۔", sessions: "سیشن", end_all: "سب ختم کریں", no_session: "کہیں سائن اِن نہیں۔",
  },
  groups: {
    about: "مقامات کے گروہ میں دیا گیا عہدہ کسی اور مقام تک نہیں پہنچتا۔", add: "گروہ شامل کریں", none: "ابھی کوئی گروہ نہیں۔", code: "کوڈ", name: "نام",
    sites: "مقامات", edit: "ترمیم", chosen_one: "{{count}} مقام منتخب", chosen_other: "{{count}} مقامات منتخب", filter: "مقامات چھانٹیں",
    remove_sure: "گروہ {{name}} ہٹا دیں؟",
  },
};
