// The staff's pages: everything here quickens a page that already works without it.
import { startClicks } from "./clicks.js";
import { startForms } from "./forms.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startSwaps } from "./swaps.js";
import { startTheme } from "./theme.js";

startTheme();
startSwaps();
startForms();
startClicks();
startKeys();
startLive();
