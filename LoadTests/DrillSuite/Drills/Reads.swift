import FaultSuite
import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1
import Synchronization

/// People who look at a page: at a steady rate, whatever they get.
final class Reads: Sendable {
    struct Look: Sendable {
        var sentAt: ContinuousClock.Instant
        var seconds: Double
        /// `nil` when nothing that can be read came back.
        var answer: Answer?
    }

    private let kept = Mutex<[Look]>([])

    var looks: [Look] { kept.withLock { $0 } }
    var failed: [Look] { looks.filter { ($0.answer?.status ?? 599) >= 400 } }

    /// - Parameters:
    ///   - crowd: so many look at once instead, each over a connection of his own.
    static func run(_ url: String, perSecond: Int, seconds: Double, crowd: Int = 0, _ meanwhile: @escaping @Sendable () async throws -> Void)
        async throws -> Reads
    {
        let reads = Reads()
        let client = WebClient(requestsPerConnection: crowd > 0 ? 1 : nil)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await meanwhile() }
            for number in 0..<(crowd > 0 ? crowd : Int(Double(perSecond) * seconds)) {
                group.addTask {
                    if crowd == 0 { try await Task.sleep(until: start + .milliseconds(number * 1_000 / perSecond), clock: .continuous) }
                    await reads.look(client, url)
                }
            }
            try await group.waitForAll()
        }
        await client.stop()
        return reads
    }

    private func look(_ client: WebClient, _ url: String) async {
        let sentAt = ContinuousClock.now
        let answer = try? await client.send(.GET, url, timeout: .seconds(5))
        kept.withLock { $0.append(Look(sentAt: sentAt, seconds: (ContinuousClock.now - sentAt).seconds, answer: answer)) }
    }

    var text: String {
        let slowest = looks.map(\.seconds).max() ?? 0
        let kinds = Set(failed.map { $0.answer?.summary ?? "no answer" }).sorted().joined(separator: ", ")
        return "\(failed.count) of \(looks.count) failed, the slowest took \((slowest * 100).rounded() / 100) s"
            + (kinds.isEmpty ? "" : " (\(kinds))")
    }
}
