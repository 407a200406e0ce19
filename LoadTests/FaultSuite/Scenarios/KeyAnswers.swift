import LoadModel
import Synchronization

/// What is heard for one idempotency key, over a whole trial.
final class KeyAnswers: Sendable {
    private let heard = Mutex<[String: [Answer]]>([:])

    func add(_ answer: Answer, key: String) {
        heard.withLock { $0[key, default: []].append(answer) }
    }

    /// Every key has one order; every 201 has the same body to the byte; a 202 may become a 201 and
    /// nothing else.
    func findings(keys: Int, ordersInPostgres: [String: Int]) -> [Finding] {
        let heard = heard.withLock { $0 }
        let orders = heard.mapValues { Set($0.compactMap(\.order)) }
        let several = orders.count { $0.value.count > 1 }
        let none = orders.count { $0.value.isEmpty }
        let bodies = heard.mapValues { Set($0.filter { $0.status == 201 }.map(\.body)) }
        let differing = bodies.count { $0.value.count > 1 }
        let changed = heard.count { Self.changes($0.value.filter { !Self.mayPass($0) }.map(\.status)) }
        let strange = heard.values.joined().filter { $0.status != 201 && $0.status != 202 && !Self.mayPass($0) }
        let stored = ordersInPostgres.count { $0.value > 1 }
        return [
            Finding(
                "one_order_per_key", several == 0 && none == 0 && stored == 0,
                "\(keys) keys, \(several) with two orders in answers, \(stored) with two in Postgres, \(none) with none"),
            Finding(
                "same_answer_per_key", differing == 0 && changed == 0, "\(differing) keys with differing bodies, \(changed) that went back from 201"),
            Finding(
                "no_other_answer", strange.isEmpty,
                "\(strange.count) answers other than the first" + (strange.first.map { ", such as \($0.summary)" } ?? "")),
        ]
    }

    var undocumented: [Answer] { heard.withLock { $0.values.joined().filter { !$0.isDocumented } } }

    /// Whether a client would ask again.
    static func mayPass(_ answer: Answer) -> Bool {
        answer.status == 429 || answer.status == 503 || answer.code == "idempotency_in_progress"
    }

    /// From the first 201 on, only 201.
    private static func changes(_ statuses: [Int]) -> Bool {
        statuses.firstIndex(of: 201).map { statuses[$0...].contains { $0 != 201 } } ?? false
    }
}
