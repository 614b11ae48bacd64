import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import { App } from "./app.js";
import { StoreContext } from "./hooks.js";
import { Store } from "./store.js";

const store = new Store();
void store.open();
render(
  <StoreContext.Provider value={store}>
    <App />
  </StoreContext.Provider>,
  document.getElementById("app") as HTMLElement,
);
