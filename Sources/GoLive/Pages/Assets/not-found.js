// @ts-check
import { mountHeader } from "./header.js";

mountHeader();
