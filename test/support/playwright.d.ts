// What is used of playwright-core (tsconfig.json sends it here): its own types want the DOM's, which tests on the server have no business with.

export interface Page {
  on(event: 'console', listener: (said: { text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'request', listener: (request: { url(): string }) => void): void;
  goto(url: string, options?: { readonly waitUntil?: 'load' }): Promise<{ status(): number } | null>;
  /** The expression as text: it runs in the browser. */
  evaluate<Result>(expression: string): Promise<Result>;
  locator(selector: string): Locator;
  emulateMedia(options: { readonly media?: 'screen' | 'print'; readonly colorScheme?: 'light' | 'dark' }): Promise<void>;
  close(): Promise<void>;
}

export interface Locator {
  allTextContents(): Promise<string[]>;
  count(): Promise<number>;
  isVisible(): Promise<boolean>;
}

export interface Browser {
  newPage(options: {
    readonly colorScheme: 'light' | 'dark';
    readonly viewport?: { readonly width: number; readonly height: number };
  }): Promise<Page>;
  close(): Promise<void>;
}

export const chromium: {
  launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser>;
};
