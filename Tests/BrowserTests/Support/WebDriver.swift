import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1
import PrivateServers

/// What a browser answered with an error, in the words of WebDriver.
struct WebDriverError: Error, CustomStringConvertible {
    var code: String
    var message: String

    var description: String { "\(code): \(message.prefix(600))" }
}

/// A chromedriver of our own, which starts a Chromium for each session.
///
/// Speaks W3C WebDriver (https://www.w3.org/TR/webdriver2/), JSON over HTTP.
final class WebDriver: Sendable {
    private let process: RunningSubprocess
    private let address: String

    private init(process: RunningSubprocess, address: String) {
        self.process = process
        self.address = address
    }

    static func start() async throws -> WebDriver {
        let port = try LocalPort.free()
        let process = try Subprocess("chromedriver").start(["--port=\(port)", "--allowed-ips=127.0.0.1", "--log-level=WARNING"])
        let driver = WebDriver(process: process, address: "http://127.0.0.1:\(port)")
        let isReady = try await eventually(within: .seconds(60)) {
            guard process.isRunning else { throw WebDriverError(code: "chromedriver ended", message: process.data + process.messages) }
            return ((try? await driver.send(.GET, "/status")) as? [String: Any])?["ready"] as? Bool == true
        }
        guard isReady else { throw WebDriverError(code: "chromedriver is not ready", message: process.data + process.messages) }
        return driver
    }

    func stop() {
        process.signal(15)
    }

    /// Sends a command and returns what stands under `value`.
    @discardableResult
    func send(_ method: HTTPMethod, _ path: String, _ body: [String: Any]? = nil) async throws -> Any? {
        let text = try body.map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) }
        let response = try await WebClient.shared.execute(
            method, address + path, headers: [("Content-Type", "application/json")], body: method == .POST ? text ?? "{}" : nil,
            timeout: .seconds(90))
        let answer = try JSONSerialization.jsonObject(with: Data(response.text.utf8)) as? [String: Any]
        let value = answer?["value"]
        guard response.status == 200 else {
            let failure = value as? [String: Any]
            throw WebDriverError(
                code: failure?["error"] as? String ?? "status \(response.status)", message: failure?["message"] as? String ?? response.text)
        }
        return value is NSNull ? nil : value
    }
}
