import Glibc

/// One chromedriver for the whole test process.
actor SharedDriver {
    static let driver = SharedDriver()

    private var start: Task<WebDriver, any Error>?

    func get() async throws -> WebDriver {
        if let start { return try await start.value }
        let start = Task { try await WebDriver.start() }
        self.start = start
        return try await start.value
    }
}

/// Gives `body` a new browser and holds what it visited to what every page must keep: no error on
/// the console, no breach of the content policy, nothing asked of another host. A picture of the
/// page is kept when something fails: of how it ends, where the test goes on.
func withBrowser<Value>(
    _ look: Browser.Look = .init(), expectingErrors expected: [String] = [], _ body: (Browser) async throws -> Value
) async throws -> Value {
    let browser = try await Browser.open(look)
    let watch = FailureWatch()
    do {
        let value = try await watch.during {
            let value = try await body(browser)
            try await PageRules.check(browser, expectingErrors: expected)
            return value
        }
        if watch.hasSeenFailure { await Screens.keepFailure(of: browser) }
        await browser.close()
        return value
    } catch {
        await Screens.keepFailure(of: browser)
        await browser.close()
        throw error
    }
}
