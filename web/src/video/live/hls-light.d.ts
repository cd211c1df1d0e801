/** The smaller build (no subtitles, no alternate sound) has the types of the whole. */
declare module "hls.js/light" {
  export { default } from "hls.js";
}
