import SaleCore

/// Remembers the last heartbeat of each node, so that the next one tells how fast its counters
/// grow. Reads no clock.
struct FleetPace {
    private var last: [String: PacedNode] = [:]

    /// Two heartbeats that are closer together, such as that of a node which has just obeyed
    /// something, say little of its pace.
    private static let intervalMinMilliseconds: Int64 = 500

    mutating func pace(of heartbeats: [NodeHeartbeat]) -> [PacedNode] {
        var next: [String: PacedNode] = [:]
        var paced: [PacedNode] = []
        for heartbeat in heartbeats {
            let (node, isMeasured) = measure(heartbeat)
            next[heartbeat.id] = isMeasured ? node : last[heartbeat.id] ?? node
            paced.append(node)
        }
        last = next
        return paced
    }

    private func measure(_ heartbeat: NodeHeartbeat) -> (node: PacedNode, isMeasured: Bool) {
        guard let before = last[heartbeat.id] else { return (PacedNode(heartbeat: heartbeat), true) }
        guard let from = before.heartbeat.seenAt, let to = heartbeat.seenAt,
            to.milliseconds - from.milliseconds >= Self.intervalMinMilliseconds
        else {
            return (PacedNode(heartbeat: heartbeat, loopLagSeconds: before.loopLagSeconds, cores: before.cores), false)
        }
        let grown = FleetFigures(from: [before.heartbeat], to: [heartbeat])
        let seconds = Double(to.milliseconds - from.milliseconds) / 1_000
        let lag = grown.quantile(0.99, of: "seckill_event_loop_lag_seconds")
        let cpu = grown.sum(of: "process_cpu_seconds_total")
        return (PacedNode(heartbeat: heartbeat, loopLagSeconds: lag ?? before.loopLagSeconds, cores: max(0, cpu / seconds)), true)
    }
}
