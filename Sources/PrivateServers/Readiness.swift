/// Asks `isReady` every 20 ms until it says yes.
///
/// - Throws: `failure` when the child ends first or the time is over.
func waitUntilReady(
    _ child: ChildProcess, for patience: Duration, failure: @autoclosure () -> PrivateServerError, _ isReady: () -> Bool
) async throws(PrivateServerError) {
    let deadline = ContinuousClock.now + patience
    while !isReady() {
        guard child.status == nil, ContinuousClock.now < deadline, !Task.isCancelled else { throw failure() }
        try? await Task.sleep(for: .milliseconds(20))
    }
}
