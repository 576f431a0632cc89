/** Finds private values in texts, beside the page, so that it answers while a long text is read. */
import { runtime } from "./network.mjs";
import { Model } from "./run.mjs";
import { paragraphStarts, spans } from "./words.mjs";

const LAYER = "pii";
const loading = Model.load(new URL("./", import.meta.url).href, runtime, "model.safetensors");

/** The values of a text: where they stand, in units of UTF-16, their labels, and the mean probability of their words. */
async function find(text) {
  const model = await loading;
  const tokens = model.words.find(text);
  if (!tokens.length) return [];
  const paragraphs = paragraphStarts(text, tokens);
  const tagged = await model.tag(tokens.map(([start, end]) => text.slice(start, end)), paragraphs);
  const { tags, probabilities } = tagged[model.heads.findIndex((head) => head.layer === LAYER)];
  return spans(tags, paragraphs).map(([first, after, label]) => {
    const sure = probabilities.slice(first, after);
    const score = sure.reduce((sum, one) => sum + one, 0) / sure.length;
    return { start: tokens[first][0], end: tokens[after - 1][1], label, score };
  });
}

addEventListener("message", async ({ data: { number, text } }) => {
  try {
    postMessage({ number, found: await find(text) });
  } catch (error) {
    postMessage({ number, error: String(error.message ?? error) });
  }
});

try {
  await loading;
  postMessage({ ready: true });
} catch (error) {
  postMessage({ error: String(error.message ?? error) });
}
