import SaleService
import Synchronization

/// A receiver of webhooks that answers as a test says, and remembers what it took.
final class ScriptedReceiver: WebhookTransport {
    private struct State {
        var attempts: [String: Int] = [:]
        var taken: [String] = []
        var sent: [String] = []
        /// By the text of the body, which has the order in it.
        var underWay: [String: Int] = [:]
        var overlaps = 0
        var mostAtOnce = 0
        var atOnce = 0
    }

    private let state = Mutex(State())
    let destination = "here"
    private let answer: @Sendable (_ id: String, _ attempt: Int) async -> WebhookAnswer

    /// - Parameter answer: to the attempt of that number, counted from 1, to send the message.
    init(_ answer: @escaping @Sendable (_ id: String, _ attempt: Int) async -> WebhookAnswer = { _, _ in .taken }) {
        self.answer = answer
    }

    /// Ids, each as often as it was taken.
    var taken: [String] { state.withLock { $0.taken } }
    /// Ids, each as often as it was sent.
    var sent: [String] { state.withLock { $0.sent } }
    /// How often two messages about one order were on their way at once.
    var overlaps: Int { state.withLock { $0.overlaps } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

    func send(_ message: WebhookMessage) async -> WebhookAnswer {
        let order = message.body.split(separator: "\"id\":\"").dropFirst().first.map { String($0.prefix(36)) } ?? ""
        let attempt = state.withLock { state in
            state.sent.append(message.id)
            state.attempts[message.id, default: 0] += 1
            state.underWay[order, default: 0] += 1
            state.atOnce += 1
            state.mostAtOnce = max(state.mostAtOnce, state.atOnce)
            if state.underWay[order]! > 1 { state.overlaps += 1 }
            return state.attempts[message.id]!
        }
        let answer = await answer(message.id, attempt)
        state.withLock { state in
            state.underWay[order, default: 0] -= 1
            state.atOnce -= 1
            if answer == .taken { state.taken.append(message.id) }
        }
        return answer
    }
}
