import LoadClient
import LoadModel
import NIOCore
import Synchronization

/// Reads the named processes and the service's metrics once a second while a run lasts.
final class Sampler: Sendable {
    private let processes: [NamedProcess]
    /// The page itself, such as `http://127.0.0.1:9090/metrics`.
    private let metrics: Target?
    private let taken = Mutex<[MachineSample]>([])

    init(processes: [NamedProcess], metrics: Target?) {
        self.processes = processes
        self.metrics = metrics
    }

    /// In the order in which they were taken.
    var samples: [MachineSample] { taken.withLock { $0 } }

    /// Takes samples until it is cancelled, the first when the run starts.
    func run(startingAt start: NIODeadline) async throws {
        var next = start
        while true {
            let pause = next - NIODeadline.now()
            if pause > .zero { try await Task.sleep(for: .nanoseconds(pause.nanoseconds)) }
            await take(since: start)
            // After a sample that took longer than a second the next one is due at once, and those
            // between are left out.
            next = max(next + .seconds(1), NIODeadline.now())
        }
    }

    private func take(since start: NIODeadline) async {
        let text: String? = if let metrics { try? await HTTPGet.text(metrics, path: "") } else { nil }
        let sample = MachineSample(
            at: Double((NIODeadline.now() - start).nanoseconds) / 1e9, processes: ProcessReading.take(of: processes),
            metrics: text.map { PrometheusText.values(of: ServiceSeries.exposedNames, in: $0) } ?? [:])
        taken.withLock { $0.append(sample) }
    }
}
