export const keeping = {
  keeping: { record: "Record now", until: "Recorded until {{time}}" },
};
