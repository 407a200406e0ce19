/// Answers requests on their connection's event loop. Asked for one at a time: the next comes when
/// the answer to the one before is written.
protocol LoopAnswerer: AnyObject {
    /// A request that was taken out of the bytes, all of it there.
    func began(_ request: FastPathRequest)

    /// The request under way is not waited for any longer, or the next cannot be read. The answer
    /// that tells so is the connection's last.
    func failed(_ failure: RequestFailure)

    /// Nobody hears of anything more.
    func connectionEnded()
}
