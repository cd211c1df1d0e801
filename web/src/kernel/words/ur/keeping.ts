export const keeping = {
  keeping: { record: "ابھی ریکارڈ کریں", until: "{{time}} تک ریکارڈ ہو رہا ہے" },
};
