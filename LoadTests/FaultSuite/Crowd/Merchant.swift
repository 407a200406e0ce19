import Cryptography
import Foundation
import LoadClient
import Synchronization

/// A merchant's system that hears of orders: believes only what is signed with its secret, and is
/// in the mood that a trial sets.
final class Merchant: Sendable {
    enum Mood: Sendable {
        case well
        /// Takes 300 ms to answer.
        case slow
        /// Answers a third of what comes with an error, or not at all.
        case failing
    }

    private struct State {
        var mood = Mood.well
        var key: HMACKey
        var secret: [UInt8]
        var forged = 0
    }

    let secretFile: String
    private let trial: Trial
    private let state: Mutex<State>

    init(_ trial: Trial, secretFile: String) throws {
        let secret = Self.secret(trial)
        self.trial = trial
        self.secretFile = secretFile
        state = Mutex(State(key: HMACKey(secret), secret: secret))
        try Self.write([secret], to: secretFile)
    }

    var mood: Mood {
        get { state.withLock { $0.mood } }
        set { state.withLock { $0.mood = newValue } }
    }

    /// Messages that were not signed with the secret of the day.
    var forged: Int { state.withLock { $0.forged } }

    func reply(to message: WebhookReceiver.Message) -> WebhookReceiver.Reply {
        let (mood, isGenuine) = state.withLock { state in
            let code = Data(state.key.code(of: Array(message.signed.utf8).span)).base64EncodedString()
            let isGenuine = message.signatures.contains(code)
            if !isGenuine { state.forged += 1 }
            return (state.mood, isGenuine)
        }
        guard isGenuine else { return .status(401) }
        switch mood {
        case .well: return .status(204)
        case .slow: return .status(200, after: .milliseconds(300))
        case .failing:
            switch trial.pick(0...14) {
            case 0, 1: return .status(500)
            case 2: return .status(429, [("Retry-After", "1")])
            case 3: return .status(503)
            case 4: return .cut
            default: return .status(204)
            }
        }
    }

    /// As docs/operate.md says: both sign, the receiver changes over, the old one goes.
    func changeSecret() async throws {
        let (old, new) = (state.withLock { $0.secret }, Self.secret(trial))
        try Self.write([new, old], to: secretFile)
        // A node looks at the file every two seconds, when it sends.
        try await Task.sleep(for: .milliseconds(2_500))
        state.withLock { ($0.key, $0.secret) = (HMACKey(new), new) }
        try Self.write([new], to: secretFile)
    }

    /// The order whose `order.committed` it is.
    func order(committedIn message: WebhookReceiver.Message) -> String? {
        let body = (try? JSONSerialization.jsonObject(with: Data(message.body.utf8))) as? [String: Any]
        guard body?["type"] as? String == "order.committed" else { return nil }
        return (body?["data"] as? [String: Any])?["id"] as? String
    }

    private static func secret(_ trial: Trial) -> [UInt8] { (0..<32).map { _ in UInt8(trial.pick(0...255)) } }

    private static func write(_ secrets: [[UInt8]], to path: String) throws {
        try secrets.map { "whsec_\(Data($0).base64EncodedString())\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
    }
}
