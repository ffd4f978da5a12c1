// The script of the door: passkeys, and nothing else.
import { startPasskeys } from "./passkeys.js";

startPasskeys();
