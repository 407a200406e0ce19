import Foundation
import LoadSupport
import NIOHTTP1
import Testing

/// One window of a Chromium that nobody has used before, steered as a person would: by what is to
/// be seen, by keys and clicks. Whoever opens it also closes it: see `withBrowser`.
final class Browser: Sendable {
    /// How a visitor's machine differs from the usual one.
    struct Look: Sendable {
        var language = "en"
        var isDark = false
        var width = 1_280
        var height = 900
        var prefersReducedMotion = false
    }

    private let driver: WebDriver
    private let session: String

    private init(driver: WebDriver, session: String) {
        self.driver = driver
        self.session = session
    }

    static func open(_ look: Look = Look()) async throws -> Browser {
        let driver = try await SharedDriver.driver.get()
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--hide-scrollbars", "--force-device-scale-factor=1", "--lang=\(look.language)",
            "--accept-lang=\(look.language)", "--window-size=\(look.width),\(look.height)",
        ]
        let capabilities: [String: Any] = [
            "alwaysMatch": [
                "browserName": "chrome",
                "goog:chromeOptions": ["args": arguments, "prefs": ["intl.accept_languages": look.language]],
                "goog:loggingPrefs": ["browser": "ALL", "performance": "ALL"],
                "timeouts": ["script": 60_000, "pageLoad": 60_000],
            ] as [String: Any]
        ]
        let answer = try await driver.send(.POST, "/session", ["capabilities": capabilities]) as? [String: Any]
        let browser = Browser(driver: driver, session: try #require(answer?["sessionId"] as? String))
        // A headless window keeps a least width; the screen that pages see is set past it.
        try await browser.devTools(
            "Emulation.setDeviceMetricsOverride", ["width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false])
        try await browser.devTools(
            "Emulation.setEmulatedMedia",
            [
                "features": [
                    ["name": "prefers-color-scheme", "value": look.isDark ? "dark" : "light"],
                    ["name": "prefers-reduced-motion", "value": look.prefersReducedMotion ? "reduce" : "no-preference"],
                ]
            ])
        return browser
    }

    func close() async {
        _ = try? await driver.send(.DELETE, "/session/\(session)")
    }

    // MARK: Commands

    @discardableResult
    private func command(_ method: HTTPMethod, _ path: String, _ body: [String: Any]? = nil) async throws -> Any? {
        try await driver.send(method, "/session/\(session)\(path)", body)
    }

    /// Opens a page. A service that is late sheds pages first; a person asks again.
    func go(to url: String) async throws {
        try await eventually(within: .seconds(30), every: .milliseconds(250)) {
            try await self.command(.POST, "/url", ["url": url])
            let isThere = "return document.contentType !== 'application/problem+json' && !document.querySelector('meta[http-equiv=refresh]')"
            return try await self.run(isThere) as? Bool == true
        }
    }

    func reload() async throws {
        try await command(.POST, "/refresh")
    }

    var title: String {
        get async throws { try await command(.GET, "/title") as? String ?? "" }
    }

    /// A command of the DevTools protocol.
    @discardableResult
    func devTools(_ name: String, _ parameters: [String: Any] = [:]) async throws -> Any? {
        try await command(.POST, "/goog/cdp/execute", ["cmd": name, "params": parameters])
    }

    /// Runs the body of a function in the page and returns what it returns.
    @discardableResult
    func run(_ script: String, _ arguments: [Any] = []) async throws -> Any? {
        try await command(.POST, "/execute/sync", ["script": script, "args": arguments])
    }

    /// Runs the body of an async function in the page; what it throws is thrown here.
    @discardableResult
    func runAsync(_ script: String, _ arguments: [Any] = []) async throws -> Any? {
        let wrapped = """
            const done = arguments[arguments.length - 1];
            (async (...args) => { \(script) })(...Array.prototype.slice.call(arguments, 0, -1))
                .then(value => done({value}), error => done({error: String(error && error.stack || error)}));
            """
        let answer = try await command(.POST, "/execute/async", ["script": wrapped, "args": arguments]) as? [String: Any]
        if let error = answer?["error"] as? String { throw WebDriverError(code: "the script failed", message: error) }
        return answer?["value"]
    }

    // MARK: What is to be seen

    /// The first element of a CSS selector; waits until there is one.
    func element(_ selector: String, within patience: Duration = .seconds(10)) async throws -> Element {
        var found: String?
        try await eventually(within: patience) {
            found = try await self.find(selector).first
            return found != nil
        }
        guard let id = found else { throw WebDriverError(code: "nothing matches \(selector)", message: try await bodyText()) }
        return Element(browser: self, id: id)
    }

    /// Clicks what is there: a page that is drawn anew meanwhile puts another element in its place.
    func click(_ selector: String, within patience: Duration = .seconds(10)) async throws {
        let passing = ["stale element reference", "element click intercepted", "element not interactable"]
        var last: WebDriverError?
        let isDone = try await eventually(within: patience, every: .milliseconds(40)) {
            do {
                try await self.element(selector, within: patience).click()
                return true
            } catch let error as WebDriverError where passing.contains(error.code) {
                last = error
                return false
            }
        }
        if !isDone, let last { throw last }
    }

    func count(_ selector: String) async throws -> Int {
        try await find(selector).count
    }

    private func find(_ selector: String) async throws -> [String] {
        let found = try await command(.POST, "/elements", ["using": "css selector", "value": selector]) as? [[String: String]] ?? []
        return found.compactMap { $0.values.first }
    }

    /// Waits until an expression of the page is truthy, and says what the page showed if it does
    /// not become so.
    func waits(for expression: String, within patience: Duration = .seconds(15), _ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let holds = try await eventually(within: patience, every: .milliseconds(40)) {
            (try? await self.run("return Boolean(\(expression))")) as? Bool == true
        }
        if !holds {
            Issue.record("never so: \(expression)\nThe page says: \(try await bodyText())", sourceLocation: sourceLocation)
            throw WebDriverError(code: "never so", message: expression)
        }
    }

    func bodyText() async throws -> String {
        try await run("return document.body ? document.body.innerText : ''") as? String ?? ""
    }

    /// Types to whatever has the focus. `keys` may hold WebDriver's code points, such as
    /// `Key.enter`.
    func type(_ keys: String) async throws {
        let actions = keys.flatMap { [["type": "keyDown", "value": String($0)], ["type": "keyUp", "value": String($0)]] }
        try await command(.POST, "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": actions] as [String: Any]]])
    }

    /// Brings the mouse to the middle of an element, or so many pixels to the right of that.
    func point(at selector: String, right offset: Int = 0) async throws {
        _ = try await element(selector)
        let middle =
            try await run(
                """
                const one = document.querySelector(arguments[0]);
                one.scrollIntoView({ block: "center", behavior: "instant" });
                const { left, top, width, height } = one.getBoundingClientRect();
                return [left + width / 2, top + height / 2].map(Math.round);
                """, [selector]) as? [Int] ?? []
        let x = (middle.first ?? 0) + offset
        let move: [String: Any] = ["type": "pointerMove", "duration": 0, "origin": "viewport", "x": x, "y": middle.last ?? 0]
        try await command(.POST, "/actions", ["actions": [["type": "pointer", "id": "mouse", "actions": [move]] as [String: Any]]])
    }

    /// Keeps in a folder what pages give to save.
    func saveDownloads(in folder: String) async throws {
        try await devTools("Browser.setDownloadBehavior", ["behavior": "allow", "downloadPath": folder])
    }

    /// Cuts the network off, or gives it back, and waits until requests find it so.
    func setOffline(_ isOffline: Bool) async throws {
        try await devTools("Network.enable")
        try await devTools(
            "Network.emulateNetworkConditions", ["offline": isOffline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1])
        let isCut = "return await fetch('/favicon.ico', { cache: 'no-store' }).then(() => false, () => true);"
        let isSo = try await eventually(within: .seconds(10)) { try await self.runAsync(isCut) as? Bool == isOffline }
        if !isSo { throw WebDriverError(code: "never so", message: "offline: \(isOffline)") }
    }

    /// Another tab comes to the front, so that this one is hidden; returns what brings it back.
    func hide() async throws -> Hidden {
        let first = try await command(.GET, "/window") as? String ?? ""
        let opened = try await command(.POST, "/window/new", ["type": "tab"]) as? [String: Any]
        let second = opened?["handle"] as? String ?? ""
        try await command(.POST, "/window", ["handle": second])
        return Hidden(first: first)
    }

    struct Hidden: Sendable {
        fileprivate let first: String
    }

    func show(_ hidden: Hidden) async throws {
        try await command(.DELETE, "/window")
        try await command(.POST, "/window", ["handle": hidden.first])
    }

    /// PNG of the whole page, for people to look at.
    func screenshot() async throws -> Data {
        let metrics = try await devTools("Page.getLayoutMetrics") as? [String: Any]
        let size = metrics?["cssContentSize"] as? [String: Any]
        let clip: [String: Any] = ["x": 0, "y": 0, "width": size?["width"] ?? 1_280, "height": size?["height"] ?? 900, "scale": 1]
        let answer = try await devTools("Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true, "clip": clip]) as? [String: Any]
        return try #require(Data(base64Encoded: answer?["data"] as? String ?? ""))
    }

    /// Entries of the console that are errors since the last call; a breach of the page's content
    /// policy is one.
    func consoleErrors() async throws -> [String] {
        let entries = try await command(.POST, "/se/log", ["type": "browser"]) as? [[String: Any]] ?? []
        return entries.filter { $0["level"] as? String == "SEVERE" }.compactMap { $0["message"] as? String }
    }

    /// The addresses that pages of this window have asked since the last call.
    func requestedURLs() async throws -> [String] {
        let entries = try await command(.POST, "/se/log", ["type": "performance"]) as? [[String: Any]] ?? []
        return entries.compactMap { entry in
            guard let text = entry["message"] as? String,
                let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                let message = object["message"] as? [String: Any], message["method"] as? String == "Network.requestWillBeSent",
                let parameters = message["params"] as? [String: Any], let request = parameters["request"] as? [String: Any]
            else { return nil }
            return request["url"] as? String
        }
    }

    // MARK: An element's commands

    fileprivate func command(_ method: HTTPMethod, of element: String, _ path: String, _ body: [String: Any]? = nil) async throws -> Any? {
        try await command(method, "/element/\(element)\(path)", body)
    }
}

/// Something on a page.
struct Element: Sendable {
    fileprivate let browser: Browser
    fileprivate let id: String

    /// As a person does: it must be visible and not covered.
    func click() async throws {
        _ = try await browser.command(.POST, of: id, "/click")
    }

    func type(_ keys: String) async throws {
        _ = try await browser.command(.POST, of: id, "/value", ["text": keys])
    }

    var text: String {
        get async throws { try await browser.command(.GET, of: id, "/text") as? String ?? "" }
    }

    /// What a screen reader calls it.
    var label: String {
        get async throws { try await browser.command(.GET, of: id, "/computedlabel") as? String ?? "" }
    }

    /// What a screen reader takes it for.
    var role: String {
        get async throws { try await browser.command(.GET, of: id, "/computedrole") as? String ?? "" }
    }

    var isEnabled: Bool {
        get async throws { try await browser.command(.GET, of: id, "/enabled") as? Bool ?? false }
    }

    func attribute(_ name: String) async throws -> String? {
        try await browser.command(.GET, of: id, "/attribute/\(name)") as? String
    }
}

/// Keys that have no character (https://www.w3.org/TR/webdriver2/#keyboard-actions).
enum Key {
    static let enter = "\u{E007}"
    static let tab = "\u{E004}"
    static let space = " "
    static let escape = "\u{E00C}"
    static let backspace = "\u{E003}"
}
