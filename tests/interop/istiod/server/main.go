// SPDX-License-Identifier: Apache-2.0

// istiod_server runs Istio's own control plane and certificate authority in one process, on the
// Kubernetes client that Istio's tests use, so that neither a cluster nor root is needed. What is
// ours is who vouches for tokens: a TokenReview that checks their signature (HS256, key in
// -token-key), audience and expiry.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"

	authentication "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/testing"

	"istio.io/istio/pilot/pkg/bootstrap"
	"istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/log"
)

type claims struct {
	Subject  string   `json:"sub"`
	Audience []string `json:"aud"`
	Expires  int64    `json:"exp"`
}

// read returns the claims of a token that was signed with key and has not expired.
func read(token string, key []byte) (claims, bool) {
	var c claims
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 {
		return c, false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(token[:cut]))
	signature, err := base64.RawURLEncoding.DecodeString(token[cut+1:])
	if err != nil || !hmac.Equal(mac.Sum(nil), signature) {
		return c, false
	}
	_, payload, _ := strings.Cut(token[:cut], ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || json.Unmarshal(text, &c) != nil {
		return c, false
	}
	return c, time.Now().Unix() < c.Expires
}

// reviewer answers TokenReviews as the Kubernetes API does.
func reviewer(key []byte) testing.ReactionFunc {
	return func(action testing.Action) (bool, runtime.Object, error) {
		review := action.(testing.CreateAction).GetObject().(*authentication.TokenReview).DeepCopy()
		c, good := read(review.Spec.Token, key)
		var audiences []string
		for _, audience := range c.Audience {
			if slices.Contains(review.Spec.Audiences, audience) {
				audiences = append(audiences, audience)
			}
		}
		name := strings.Split(c.Subject, ":")
		if !good || len(audiences) == 0 || len(name) != 4 {
			review.Status.Error = "token is not acceptable"
			return true, review, nil
		}
		review.Status = authentication.TokenReviewStatus{
			Authenticated: true,
			Audiences:     audiences,
			User: authentication.UserInfo{
				Username: c.Subject,
				Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + name[2],
					"system:authenticated"},
			},
		}
		return true, review, nil
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	keyFile := flag.String("token-key", "", "file of the key that tokens are signed with")
	config := flag.String("config", "", "directory of Istio YAML, watched")
	mesh := flag.String("mesh-config", "", "file of the MeshConfig")
	grpc := flag.String("grpc", "127.0.0.1:15010", "plaintext ADS")
	secure := flag.String("secure-grpc", "127.0.0.1:15012", "ADS and certificates over TLS")
	flag.Parse()
	key, err := os.ReadFile(*keyFile)
	must(err)

	args := bootstrap.NewPilotArgs(func(p *bootstrap.PilotArgs) {
		p.RegistryOptions.Registries = []string{"Kubernetes"}
		p.RegistryOptions.KubeOptions.ClusterID = "Kubernetes"
		p.RegistryOptions.KubeOptions.DomainSuffix = "cluster.local"
		p.RegistryOptions.FileDir = *config
		p.MeshConfigFile = *mesh
		p.ShutdownDuration = time.Second
		p.ServerOptions.GRPCAddr = *grpc
		p.ServerOptions.SecureGRPCAddr = *secure
		p.ServerOptions.HTTPAddr = "127.0.0.1:0"
		p.ServerOptions.MonitoringAddr = "127.0.0.1:0"
		p.ServerOptions.HTTPSAddr = ""
		p.ServerOptions.TLSOptions.TLSMinVersion = bootstrap.TLSMinVersion1_2
	})
	must(args.Complete())
	client := kube.NewFakeClient()
	client.Kube().(*fake.Clientset).PrependReactor("create", "tokenreviews", reviewer(key))
	server, err := bootstrap.NewServer(args, func(s *bootstrap.Server) {
		// The field has no setter; Istio's own tests are in its package.
		field := reflect.ValueOf(s).Elem().FieldByName("kubeClient")
		reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(client))
	})
	must(err)
	stop := make(chan struct{})
	must(server.Start(stop))
	log.Info("istiod listens") // what the suite waits for
	select {}
}
