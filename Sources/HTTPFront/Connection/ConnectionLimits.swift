import SaleService

/// The bounds of one connection of the public port. Times are nanoseconds.
package struct ConnectionLimits: Sendable {
    /// Without a request.
    package var idle = seconds(Limits.idleTimeoutSeconds)
    /// The same while the port is crowded.
    package var idleCrowded = seconds(Limits.idleTimeoutCrowdedSeconds)
    /// From a request's first byte to its last.
    package var requestRead = seconds(Limits.requestReadSeconds)
    /// From a request's first byte to its answer's last.
    package var requestTotal = seconds(Limits.requestTotalSeconds)
    /// While the client takes nothing.
    package var responseWrite = seconds(Limits.responseWriteSeconds)
    /// Between our last byte and the close.
    package var linger = seconds(Limits.lingerSeconds)
    /// Bytes thrown away meanwhile.
    package var lingerBytesMax = Limits.lingerBytesMax
    /// Of a stream, until it is told that the connection lives.
    package var streamSilence = seconds(Limits.streamSilenceSeconds)
    package var streamSendBufferBytes = Limits.streamSendBufferBytes
    /// What each open stream adds to the least time between two events that tell of units alone.
    package var streamPaceEach = Limits.streamPaceMicrosecondsEach * 1_000
    package var streamPaceMax = Limits.streamPaceMillisecondsMax * 1_000_000
    package var pipelinedPartsMax = Limits.pipelinedPartsMax
    /// Connections at once; further ones wait in the kernel's backlog.
    package var connectionsMax = Limits.connectionsMax
    /// How often the deadlines are looked at, which is how late they may be kept.
    package var sweepInterval: UInt64 = 250_000_000

    /// An event loop that is later than this refuses new purchases.
    package var loopLagMax = Limits.loopLagMaxMilliseconds * 1_000_000
    /// And browsing already when it is later than this.
    package var loopLagBrowsingMax = Limits.loopLagBrowsingMaxMilliseconds * 1_000_000

    package init() {}

    private static func seconds(_ count: Int) -> UInt64 { UInt64(count) * 1_000_000_000 }

    /// The port is crowded when more than three quarters of the connections are open.
    func isCrowded(open: Int) -> Bool { open > connectionsMax / 4 * 3 }

    func streamPace(open: Int) -> UInt64 { min(UInt64(open) * streamPaceEach, streamPaceMax) }
}
